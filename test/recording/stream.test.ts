import { expect } from 'chai';
import fc from 'fast-check';
import { RecordingUnreadable, readRecording } from '../../src/recording/stream.js';
import { factsIn, verdictLines } from '../support/collectedAudit.js';
import { bodied, NONCE, RECORDS, streamOf, UUIDS } from '../support/collectorStream.js';

const read = (stream: Buffer | string) => readRecording(Buffer.from(stream), 'compute7.recording');
const causes = (stream: Buffer | string) => read(stream).problems.map(({ cause }) => cause);

describe('a recording', () => {
  it('that is whole has no problems, and is judged', async () => {
    const facts = await factsIn(streamOf(RECORDS));
    expect(facts).to.deep.include({ hostname: 'compute7', problems: [], notes: [] });
    expect(facts.domains.map(({ name, state }) => [name, state.known && state.value])).to.deep.equal([
      ['guest-0', 'running'],
      ['guest-1', 'shut off'],
    ]);
    const { process } = facts.domains[0] ?? {};
    expect(process?.known && process.value).to.include({ pid: 4711, tz: 'Europe/Paris' });
    expect(verdictLines(facts)).to.include.members([
      'host host/chrony-tracking pass synchronised',
      'host host/clocksource pass proper',
      'host host/hardware-clock pass agrees',
    ]);
  });

  it('that is cut off anywhere between its records says so, and passes nothing that was not read', async function () {
    this.timeout(60_000);
    const passes = verdictLines(await factsIn(streamOf(RECORDS))).filter((line) => / pass /.test(line));
    for (let count = 6; count <= RECORDS.length; count++) {
      const facts = await factsIn(streamOf(RECORDS.slice(0, count), ''));
      expect(
        facts.problems.map(({ cause }) => cause),
        `${count} records`,
      ).to.include('recording-cut-off');
      if (count <= RECORDS.indexOf('@section host\n') + 1)
        expect(facts.host, `${count} records`).to.equal(null);
      const more = verdictLines(facts).filter((line) => / pass /.test(line) && !passes.includes(line));
      expect(more, `${count} records`).to.deep.equal([]);
    }
  });

  it('that is cut off before it tells anything is none', () => {
    for (const count of [0, 1, 5]) {
      expect(() => read(streamOf(RECORDS.slice(0, count), ''))).to.throw(
        RecordingUnreadable,
        'broke off before it told anything of its machine',
      );
    }
  });

  it('that is cut off at any byte never takes the reader down', async () => {
    const whole = streamOf(RECORDS);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (length) => {
        try {
          const facts = await factsIn(whole.subarray(0, length));
          expect(facts.problems).not.to.deep.equal([]);
        } catch (error) {
          expect(error).to.be.instanceOf(RecordingUnreadable);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('in which bytes were changed never takes the reader down', async () => {
    const whole = streamOf(RECORDS);
    const change = fc.tuple(fc.integer({ min: 0, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 20 }), async (changes) => {
        const changed = Buffer.from(whole);
        for (const [at, byte] of changes) changed[at] = byte;
        try {
          await factsIn(changed);
        } catch (error) {
          expect(error).to.be.instanceOf(RecordingUnreadable);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('may follow a login banner, which is told', () => {
    const banner = 'Welcome to compute7!\r\nAuthorised use only.\r\n';
    const { problems, notes } = read(Buffer.concat([Buffer.from(banner), streamOf(RECORDS)]));
    expect(problems).to.deep.equal([]);
    expect(notes).to.deep.equal([
      `${banner.length} bytes before the recording of compute7.recording were skipped, such as a login banner`,
    ]);
  });

  it('may have come through a terminal, which ends its lines otherwise', () => {
    expect(causes(streamOf(RECORDS).toString().replaceAll('\n', '\r\n'))).to.deep.equal([]);
  });

  it('into which something else wrote says how much of it cannot be understood', () => {
    const noise = [...RECORDS];
    noise.splice(7, 0, 'Broadcast message from root: reboot in 5 minutes\n');
    const { problems } = read(streamOf(noise, `@end ${RECORDS.length}\n`));
    expect(problems.map(({ cause }) => cause)).to.deep.equal(['recording-garbled']);
    expect(problems[0]?.reason).to.match(/^1 part of the recording cannot be understood/);
  });

  it('of which a record was lost on the way says so', () => {
    expect(causes(streamOf(RECORDS.toSpliced(20, 1), `@end ${RECORDS.length}\n`))).to.deep.equal([
      'recording-garbled',
    ]);
  });

  const OTHERS: readonly [string, string, RegExp][] = [
    ['nothing', '', /^is empty: the collector printed nothing$/],
    ['other text', 'sh: 1: not found\n', /^holds no recording: it begins with 'sh: 1: not found'$/],
    ['control characters', '\x1b[2Jboo\n', /^holds no recording: it begins with '\?\[2Jboo'$/],
    [
      'another version',
      `virt-clock-audit-recording 2 base64 ${NONCE}\n`,
      /^is a recording of version 2 \(base64\), which this version cannot read/,
    ],
    ['another encoding', `virt-clock-audit-recording 1 rot13 ${NONCE}\n`, /version 1 \(rot13\)/],
  ];
  for (const [what, stream, message] of OTHERS) {
    it(`is not made of ${what}`, () => {
      expect(() => read(stream)).to.throw(RecordingUnreadable, message);
    });
  }

  it('may be in hexadecimal digits, where there is no base64', () => {
    const hex = (record: string) => {
      const [head = '', ...body] = record.trimEnd().split('\n');
      const isText = /^@(text|link)/.test(head) || body.length === 0;
      const digits = Buffer.from(body.join(''), 'base64').toString('hex').replaceAll(/../g, ' $&');
      return isText ? record : `${head}\n${digits.replaceAll(/.{48}/g, '$&\n')}\n`;
    };
    const inHex = streamOf(RECORDS.map(hex)).toString().replace('base64', 'hex');
    const [one, other] = [read(inHex), read(streamOf(RECORDS))];
    expect(one).to.deep.equal(other);
  });

  it('is not believed in paths that are none', () => {
    const paths = ['etc/passwd', '/etc/../../root', '/', '//etc', '/a/./b', `/${'a'.repeat(5000)}`, '/nul\0'];
    const { entries, problems } = read(streamOf([...RECORDS, ...paths.map((path) => `@present ${path}\n`)]));
    expect([...entries.keys()].filter((path) => paths.includes(path))).to.deep.equal([]);
    expect(problems[0]?.reason).to.match(/^7 parts of the recording cannot be understood/);
    const states = ['/run//libvirt', 'run', '/run/libvirt/qemu'].map((path) => `@states ${path}\n`);
    const other = read(streamOf([...RECORDS, ...states]));
    expect(other.stateDirectories).to.deep.equal(['/run/libvirt/qemu', '/run/libvirt/qemu']);
    expect(other.problems[0]?.reason).to.match(/^2 parts of the recording cannot be understood/);
  });

  it('is not believed where it calls itself something else than a host', () => {
    const others = RECORDS.map((it) => it.replace('compute7', '$(reboot)\x1b[2J').replace('x86_64', '../x'));
    const { hostname, architecture } = read(streamOf(others));
    expect(hostname).to.equal('compute7.recording');
    expect(architecture).to.include({ known: false, cause: 'not-recorded' });
  });

  it("keeps a command's answer only with how it ended, and not more than any prints", () => {
    const { runs } = read(
      streamOf([
        ...RECORDS,
        bodied('run a', 'A'),
        '@ran hung\n',
        bodied('run b', 'B'),
        bodied('run c', 'x'.repeat(300_000)),
        '@ran 0\n',
        bodied('run d', 'D'),
        '@ran what\n',
      ]),
    );
    expect([...runs].slice(1)).to.deep.equal([
      ['a', { end: 'hung' }],
      ['c', { end: 'flooded' }],
    ]);
  });

  it('says of what could not be read there that it could not, and names no directory of this machine', async () => {
    const clock = '/sys/class/rtc/rtc0/since_epoch';
    const changed = RECORDS.map((it) =>
      it.startsWith(`@text ${clock}`)
        ? `@unreadable ${clock}\n`
        : it.startsWith('@processes')
          ? '@section none\n'
          : it,
    );
    const { host, domains } = await factsIn(streamOf(changed));
    expect(host?.hardwareClock).to.deep.include({
      known: false,
      reason: `${clock} cannot be read (it could not be read when the host was recorded); is /sys mounted?`,
    });
    const process = domains[0]?.process;
    expect(process?.known === false && process.reason).to.match(/^\/proc\/4711\/cmdline is not there/);
  });

  it("tells virsh's complaint of a domain that it could not describe", async () => {
    const uuid = UUIDS[1];
    const answer = `${NONCE}:info:${uuid}:error: Access denied\n${NONCE}:inactive:${uuid}:error: Access denied: read\n${NONCE}:done:`;
    const { domains } = await factsIn(streamOf([...RECORDS, bodied('virsh-answer', answer)]));
    const closed = domains.find((it) => it.uuid === uuid);
    expect(closed?.definitions.inactive).to.deep.include({
      cause: 'virsh-failed',
      reason: 'virsh failed: Access denied: read',
    });
    expect(closed?.state).to.deep.include({ cause: 'virsh-failed' });
  });

  it('leaves out a domain that virsh listed and knew nothing of when it was asked, with a note', async () => {
    const uuid = UUIDS[0];
    const gone = `error: failed to get domain '${uuid}'\nerror: Domain not found: no domain with matching name '${uuid}'\n\n`;
    const of = (...kinds: string[]) =>
      bodied(
        'virsh-answer',
        `${kinds.map((kind) => `${NONCE}:${kind}:${uuid}:\n${gone}`).join('')}${NONCE}:done:`,
      );
    const all = await factsIn(streamOf([...RECORDS, of('info', 'inactive', 'live')]));
    expect(all.domains.map((it) => it.uuid)).to.deep.equal([UUIDS[1]]);
    expect(all.problems).to.deep.equal([]);
    expect(all.notes).to.deep.equal([
      `domain ${uuid} vanished while root@compute7 was recorded and was left out`,
    ]);
    // Where it was there for one of the answers, the others are unknown.
    const some = await factsIn(streamOf([...RECORDS, of('info', 'inactive')]));
    expect(some.domains).to.have.length(2);
    expect(some.notes).to.deep.equal([]);
  });

  it('does not pass a managed save image that virsh told of and did not look into', async () => {
    const uuid = UUIDS[1];
    const imageOf = (more: string) => {
      const told = `Id:             -\nName:           guest-1\nUUID:           ${uuid}\nState:          shut off\nPersistent:     yes\nManaged save:   yes\n\n`;
      const answer = `${NONCE}:info:${uuid}:${told}${more}${NONCE}:done:`;
      return factsIn(streamOf([...RECORDS, bodied('virsh-answer', answer)])).then(verdictLines);
    };
    expect(await imageOf('')).to.include('guest-1 domain/managed-save unknown not-recorded');
    const refused = `${NONCE}:savedxml:${uuid}:error: Access denied\n`;
    expect(await imageOf(refused)).to.include('guest-1 domain/managed-save unknown virsh-failed');
  });

  it('is refused with more domains, or parts of a body, than any host has', () => {
    const uuids = Array.from({ length: 20_001 }, (_, at) => `${UUIDS[0].slice(0, -6)}${100_000 + at}`);
    // Also where they are all gone when they are asked about, and none of them would be told of.
    const gone = 'error: Domain not found: x\n';
    const answers = uuids.map((uuid) => `${NONCE}:info:${uuid}:\n${gone}${NONCE}:inactive:${uuid}:\n${gone}`);
    const all = `${NONCE}:active:\n${NONCE}:all:${uuids.join('\n')}\n${NONCE}:saved:\n${answers.join('')}${NONCE}:done:`;
    const domains = streamOf([...RECORDS.slice(0, LISTS), bodied('virsh-answer', all)]);
    expect(() => read(domains)).to.throw(RecordingUnreadable, /^holds more than 20000 domains, which/);
    const parts = bodied('virsh-answer', `${NONCE}:a:`.repeat(200_002));
    expect(() => read(streamOf([...RECORDS, parts]))).to.throw(RecordingUnreadable, /more than 200000 parts/);
  });

  it('does not read a definition that is longer than libvirt sends', async () => {
    const uuid = UUIDS[1];
    const xml = `<domain type='kvm'><name>guest-1</name>${' '.repeat(4 * 1024 * 1024)}</domain>\n`;
    const answer = `${NONCE}:inactive:${uuid}:\n${xml}${NONCE}:done:`;
    const { domains } = await factsIn(streamOf([...RECORDS, bodied('virsh-answer', answer)]));
    const closed = domains.find((it) => it.uuid === uuid);
    expect(closed?.definitions.inactive).to.deep.include({ known: false, cause: 'too-large' });
  });

  const LISTS = RECORDS.findIndex((it) => it.startsWith('@virsh-answer'));
  const WITHOUT_LISTS: readonly [string, string, RegExp][] = [
    ['empty', '', /^the recording does not hold the list of domains that run, so it is not known/],
    ['without one of them', `${NONCE}:active:${NONCE}:all:${NONCE}:done:`, /list of domains with a managed/],
    [
      'a complaint',
      `${NONCE}:active:${NONCE}:all:error: Failed to list domains\n${NONCE}:saved:${NONCE}:done:`,
      /^virsh failed \(Failed to list domains\) for the list of all domains/,
    ],
  ];
  for (const [what, answer, reason] of WITHOUT_LISTS) {
    it(`does not pass for one without domains when virsh's answer is ${what}`, async () => {
      const { problems } = await factsIn(streamOf(RECORDS.with(LISTS, bodied('virsh-answer', answer))));
      const problem = problems.find(({ target }) => target === 'qemu:///system on root@compute7');
      expect(problem).to.include({ cause: 'no-answer' });
      expect(problem?.reason).to.match(reason);
    });
  }

  it('says so where a body lacks its end, or a program died over it', () => {
    const cut = (kind: string) =>
      RECORDS.map((it) => (it.startsWith(`@${kind}`) ? bodied(kind, `${NONCE}:cmdline:1:\nqemu`) : it));
    for (const kind of ['processes', 'virsh-answer']) {
      const { problems } = read(streamOf(cut(kind)));
      expect(problems.map(({ cause }) => cause)).to.deep.equal(['recording-cut-off']);
      expect(problems[0]?.reason).to.match(/broke off in the recording/);
    }
    const at = RECORDS.findIndex((it) => it.startsWith('@file /proc/cpuinfo')) + 1;
    const { problems, entries } = read(streamOf(RECORDS.toSpliced(at, 0, '@cut\n')));
    expect(problems.map(({ cause }) => cause)).to.deep.equal(['recording-cut-off']);
    expect(entries.get('/proc/cpuinfo')).to.deep.equal({ kind: 'unreadable' });
    const text = RECORDS.findIndex((it) => it.startsWith('@text /proc/cmdline')) + 1;
    const cutText = read(streamOf(RECORDS.toSpliced(text, 0, '@cut\n')));
    expect(cutText.entries.get('/proc/cmdline')).to.deep.equal({ kind: 'unreadable' });
    const ran = RECORDS.findIndex((it) => it.startsWith('@ran')) + 1;
    expect(read(streamOf(RECORDS.toSpliced(ran, 0, '@cut\n'))).runs.size).to.equal(0);
  });

  it('does not take apart a command line longer than the kernel takes', () => {
    const commandLine = (bytes: number) => {
      const body = `${NONCE}:cmdline:7:\nqemu\n${'\n'.repeat(bytes)}${NONCE}:end:\n`;
      const records = RECORDS.map((it) => (it.startsWith('@processes') ? bodied('processes', body) : it));
      return read(streamOf(records)).entries.get('/proc/7/cmdline');
    };
    expect(commandLine(100)?.kind).to.equal('file');
    expect(commandLine(6 * 1024 ** 2 + 1)).to.deep.equal({ kind: 'unreadable' });
  });

  it('tells what virsh did not answer in the time that the collector had', async () => {
    const uuid = UUIDS[1];
    const definition = `${NONCE}:inactive:${uuid}:<domain/>\n${NONCE}:done:`;
    const records = [
      ...RECORDS.filter((it) => !it.startsWith('@virsh-answer')),
      RECORDS[LISTS] ?? '',
      '@fact deadline 7\n',
      bodied('virsh-answer', definition),
      `@virsh-hung ${uuid}\n`,
      bodied('virsh-answer', ''),
      `@virsh-not-asked ${UUIDS[0]}\n`,
    ];
    const { problems, domains } = await factsIn(streamOf(records));
    expect(problems).to.deep.equal([]);
    const state = (of: string) => domains.find((it) => it.uuid === of)?.state;
    expect(state(uuid)).to.include({ reason: 'virsh gave no answer to this within 7 s' });
    expect(state(UUIDS[0])).to.deep.include({
      reason: 'virsh was not asked this, after it had given no answer within 7 s for three domains in a row',
    });
  });

  it('says how long the collector waited, and not how long the reader would have', async () => {
    const records = RECORDS.map((it) =>
      it.startsWith('@run chronyc') ? it : it.startsWith('@ran 0') ? '@ran hung\n' : it,
    );
    const { host } = await factsIn(streamOf([...records, '@fact deadline 2\n']));
    expect(host?.chrony).to.include({ known: false });
    expect(host?.chrony.known === false && host.chrony.reason).to.include('within 2 s');
  });

  it('does not call a zone invalid whose file the collector did not look into', async () => {
    const zone = 'Odd/Place';
    const records = RECORDS.map((it) =>
      it.startsWith('@processes')
        ? bodied(
            'processes',
            Buffer.from(it.split('\n').slice(1).join(''), 'base64').toString().replace('Europe/Paris', zone),
          )
        : it,
    );
    const unseen = await factsIn(streamOf([...records, `@unreadable /usr/share/zoneinfo/${zone}\n`]));
    expect(unseen.host?.zoneinfo.known && unseen.host.zoneinfo.value).not.to.have.property(zone);
    const missing = await factsIn(streamOf(records));
    expect(missing.host?.zoneinfo.known && missing.host.zoneinfo.value).to.have.property(zone, false);
  });
});
