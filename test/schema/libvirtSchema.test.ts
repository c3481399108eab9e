import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { validateDefinition } from '../../src/schema/libvirtSchema.js';
import { findValidator } from '../../src/schema/validator.js';
import { requireCommand } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { goodClock, tinyDomainXml } from '../support/tinyDomain.js';
import { waitUntil } from '../support/waitUntil.js';

const good = tinyDomainXml({ name: 'one', clock: goodClock() });

describe("libvirt's schema", () => {
  before(function () {
    requireCommand(this, 'virt-xml-validate', 'xmllint');
  });

  it('accepts what libvirt documents', async () => {
    expect(await validateDefinition(good)).to.deep.equal({ kind: 'valid' });
  });

  it('names what is wrong, and nothing of where the text was', async () => {
    const complaints: Readonly<Record<string, string>> = {
      "<clock offset='moon'/>": 'line 8, element clock: Element domain failed to validate content',
      "<clock offset='utc'>\n<timer name='hpet' presint='no'/></clock>":
        'line 9, element timer: Invalid attribute presint for element timer',
    };
    for (const [clock, reason] of Object.entries(complaints)) {
      const verdict = await validateDefinition(tinyDomainXml({ name: 'one', clock }));
      expect(verdict).to.deep.equal({ kind: 'invalid', reason });
    }
  });

  it('complains of what is no XML', async () => {
    const verdict = await validateDefinition('<domain>\n<clock');
    expect(verdict).to.have.property('kind', 'invalid');
    expect(verdict)
      .to.have.property('reason')
      .that.matches(/^line \d: \S[^\n]*$/);
  });

  it('complains of what is no domain', async () => {
    expect(await validateDefinition('<network/>')).to.deep.equal({
      kind: 'invalid',
      reason: 'line 1, element network: Expecting element domain, got network',
    });
  });

  it('is not asked about a definition that would take it seconds', async () => {
    const text = good.replace('<devices>', `<description>${'x'.repeat(1024 * 1024)}</description><devices>`);
    const startedAt = performance.now();
    expect(await validateDefinition(text)).to.deep.equal({
      kind: 'not-checked',
      because: 'the definition is larger than 1 MiB, which would take virt-xml-validate too long',
    });
    expect(performance.now() - startedAt).to.be.below(1000);
  });

  it('keeps a complaint short', async () => {
    const verdict = await validateDefinition(`<${'x'.repeat(100_000)}/>`);
    expect(verdict).to.have.property('kind', 'invalid');
    expect(verdict).to.have.property('reason').that.has.length.below(302);
  });
});

describe('virt-xml-validate', () => {
  let scratch: ScratchDirectory;
  let temporary: string;
  const { TMPDIR } = process.env;

  before(() => {
    scratch = scratchDirectory('schema');
    temporary = join(scratch.path, 'tmp');
    mkdirSync(temporary);
    process.env.TMPDIR = temporary;
  });
  after(async () => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    await scratch?.remove();
  });
  afterEach('leaves nothing behind', () => expect(readdirSync(temporary)).to.deep.equal([]));

  function program(body: string, name = 'virt-xml-validate'): string {
    const path = join(scratch.path, name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  it('is looked for in PATH first, and never relative to where one stands', () => {
    const path = program('exit 0');
    expect(findValidator(scratch.path)).to.equal(path);
    expect(findValidator(`.:${scratch.path}`)).to.equal(path);
    expect(findValidator('.')).not.to.match(/^\./);
  });

  it('is not checked where it is not installed', async () => {
    expect(await validateDefinition(good, { validator: null })).to.deep.equal({
      kind: 'not-checked',
      because:
        'virt-xml-validate is not installed (libvirt-clients on Debian, libvirt-client on RHEL and SUSE)',
    });
  });

  it('gets the text as a file without a name that nobody else may read', async () => {
    const seen = join(scratch.path, 'seen');
    const validator = program(
      `[ -f "$1" ] || exit 9\ncat "$1" >${seen}\nstat -L -c '%a %h' "$1" >${seen}.mode\necho "$2" >${seen}.schema`,
    );
    const text = `${good}<!-- ä𐀀 -->`;
    expect(await validateDefinition(text, { validator })).to.deep.equal({ kind: 'valid' });
    expect(readFileSync(seen, 'utf8')).to.equal(text);
    expect(readFileSync(`${seen}.mode`, 'utf8')).to.equal('600 0\n');
    expect(readFileSync(`${seen}.schema`, 'utf8')).to.equal('domain\n');
  });

  it('is told apart from its own failures', async () => {
    const failures: Readonly<Record<string, RegExp>> = {
      'echo "virt-xml-validate: 110: xmllint: not found" >&2; exit 127':
        /exit code 127: .*xmllint: not found$/,
      // Its own exit code 4 is xmllint's for a text that does not validate.
      'echo "$0: schema /usr/share/libvirt/schemas/domain.rng does not exist" >&2; exit 4':
        /exit code 4: .*schema \S+ does not exist$/,
      // Older ones complain on standard output.
      'echo "$0: document $1 does not exist"; exit 2': /exit code 2: .*document \/dev\/stdin does not exist$/,
      'exit 7': /exit code 7: it says nothing$/,
      'kill -9 $$': /SIGKILL ended it$/,
    };
    for (const [body, because] of Object.entries(failures)) {
      const validator = program(body);
      const verdict = await validateDefinition(good, { validator });
      expect(verdict, body).to.have.property('kind', 'not-checked');
      expect(verdict).to.have.property('because').that.matches(because).and.contains(validator);
    }
  });

  it('may be no program at all', async () => {
    const verdict = await validateDefinition(good, { validator: scratch.path });
    expect(verdict)
      .to.have.property('because')
      .that.matches(/: it cannot be run: [^\n]*EACCES$/);
  });

  it('is ended with all that it started when it does not answer', async () => {
    const pidFile = join(scratch.path, 'pid');
    const validator = program(`sleep 600 &\necho $! >${pidFile}\nwait`);
    const startedAt = performance.now();
    expect(await validateDefinition(good, { validator, deadlineSeconds: 0.5 })).to.deep.equal({
      kind: 'not-checked',
      because: `${validator}: it did not answer within 0.5 s`,
    });
    expect(performance.now() - startedAt).to.be.below(5000);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    const isGone = () => {
      try {
        return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
      } catch {
        return true;
      }
    };
    await waitUntil('the end of what it started', async () => isGone());
  });

  it('is ended when it does not stop talking', async () => {
    const validator = program('while :; do echo "/dev/stdin:1: nonsense nonsense nonsense"; done');
    expect(await validateDefinition(good, { validator })).to.deep.equal({
      kind: 'not-checked',
      because: `${validator}: it says more than anybody would read`,
    });
  });

  it('is not run without a place for the text', async () => {
    process.env.TMPDIR = join(scratch.path, 'nowhere');
    try {
      const verdict = await validateDefinition(good, { validator: program('exit 0') });
      expect(verdict)
        .to.have.property('because')
        .that.matches(/a temporary file cannot be written: ENOENT/);
    } finally {
      process.env.TMPDIR = temporary;
    }
  });
});
