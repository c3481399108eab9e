import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { splitRecords } from '../../src/recording/records.js';
import { factsIn, verdictLines } from '../support/collectedAudit.js';
import { recordHere, standIn } from '../support/collectorRun.js';
import { searchPath } from '../support/commandPath.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const uuid = (index: number) => `5c0b4d2e-0d3b-4f8e-9b1e-1f2a3b4c5d6${index}`;
const definition = (index: number) =>
  `<domain type='kvm'><name>guest-${index}</name><uuid>${uuid(index)}</uuid><os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><clock offset='utc'/></domain>`;

describe('the shell collector, where something fails it,', function () {
  this.timeout(120_000);
  let scratch: ScratchDirectory;

  before(function () {
    requireCommand(this, 'dash', 'unshare', 'setpriv');
    requireFact(this, process.getuid?.() === 0, 'mounting over files takes root');
  });
  beforeEach(() => {
    scratch = scratchDirectory('failures');
    chmodSync(scratch.path, 0o755);
  });
  afterEach(() => scratch.remove());

  function script(name: string, body: string): string {
    const path = join(scratch.path, name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /** In namespaces of its own, in which no virsh and no daemon of this machine is found. */
  function record(timeout: number, ...setUp: readonly string[]): Buffer {
    const commands = ['set -e', ...setUp, 'exec "$@"'].join('\n');
    return recordHere(
      { timeout },
      {
        wrapper: ['unshare', '-p', '-f', '-m', '--mount-proc', 'sh', '-c', commands, 'sh'],
        path: `${scratch.path}:${searchPath}`,
      },
    );
  }

  /** libvirt's files alone, as these. */
  function withFiles(files: Readonly<Record<string, string>>): string[] {
    const place = join(scratch.path, 'etc');
    mkdirSync(join(place, 'qemu'), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(place, 'qemu', name), text);
    return [
      ...['mount -t tmpfs tmpfs /run', 'mkdir -p /run/libvirt/qemu /etc/libvirt'],
      ...[`mount --bind ${place} /etc/libvirt`, standIn('virsh', '/dev/null')],
    ];
  }

  /** A virsh that says nothing before it ends, as the real one may into a pipe; `dominfo` of these hangs. */
  function virsh(hanging: string, count: number): string {
    const list = Array.from({ length: count }, (_, index) => uuid(index)).join('\\n');
    const answers = Array.from(
      { length: count },
      (_, index) => `*dumpxml*${uuid(index)}*) say "${definition(index)}" ;;`,
    ).join('\n');
    return script(
      'fake-virsh',
      `for last in "$@"; do :; done
all=
say() { all="$all$1
"; }
IFS=';'
for command in $last; do
  case $command in
    *echo*) say "\${command##*echo }" ;;
    *managed-save*) ;;
    *list*) say "$(printf '${list}')" ;;
    ${answers}
    ${hanging}) sleep 60 ;;
    *dominfo*) say "UUID: x
State: shut off
Persistent: yes
Managed save: no
" ;;
  esac
done
printf '%s' "$all"`,
    );
  }

  it('has the definitions of a domain whose dominfo hangs, and all of the others', async () => {
    const stream = record(1, standIn('virsh', virsh(`*dominfo*${uuid(1)}*`, 3)));
    const { domains, problems } = await factsIn(stream);
    expect(problems).to.deep.equal([]);
    expect(domains.map(({ name, state }) => [name, state.known ? state.value : state.reason])).to.deep.equal([
      ['guest-0', 'shut off'],
      ['guest-1', 'virsh gave no answer to this within 1 s'],
      ['guest-2', 'shut off'],
    ]);
    const judged = verdictLines(await factsIn(stream)).filter((line) =>
      /^guest-1 .* (pass|warn|fail) /.test(line),
    );
    expect(judged).not.to.deep.equal([]);
  });

  it('asks for definitions alone once three had no answer to dominfo in a row', async () => {
    const startedAt = performance.now();
    const stream = record(1, standIn('virsh', virsh('*dominfo*', 8)));
    expect((performance.now() - startedAt) / 1000).to.be.below(20);
    const { domains, problems } = await factsIn(stream);
    expect(problems).to.deep.equal([]);
    expect(domains.filter(({ definitions }) => definitions.inactive?.known)).to.have.length(8);
    expect(domains.filter(({ state }) => !state.known && /was not asked/.test(state.reason))).to.have.length(
      5,
    );
  });

  it('tells of an empty definition, of one that is a link, and of the others', async () => {
    const setUp = withFiles({ 'a.xml': definition(0), 'empty.xml': '', 'z.xml': `${definition(1)}\n` });
    symlinkSync('/etc/shadow', join(scratch.path, 'etc', 'qemu', 'link.xml'));
    const { domains, problems } = await factsIn(record(5, ...setUp));
    expect(domains.map(({ name }) => name)).to.deep.equal(['guest-0', 'guest-1']);
    expect(problems.map(({ target, cause }) => [target.replace(/ on .*/, ''), cause]).sort()).to.deep.equal([
      ['/etc/libvirt/qemu/empty.xml', 'malformed-xml'],
      ['/etc/libvirt/qemu/link.xml', 'unreadable'],
    ]);
  });

  it('takes no file out of the host through a link in the container of libvirt', async () => {
    const setUp = withFiles({ 'host.xml': definition(0) });
    const inside = `mount -t tmpfs tmpfs /etc/libvirt && ln -s ${join(scratch.path, 'etc', 'qemu')} /etc/libvirt/qemu`;
    const daemon = script('libvirtd', 'while :; do sleep 1; done');
    const stream = record(
      5,
      `unshare -m sh -c '${inside} && exec ${daemon}' &`,
      'sleep 0.5',
      ...setUp,
      standIn('nsenter', '/dev/null'),
    );
    const { domains, problems } = await factsIn(stream);
    expect(domains).to.deep.equal([]);
    expect(problems.map(({ reason }) => reason)[0]).to.match(
      /^\/etc\/libvirt\/qemu is behind a symbolic link/,
    );
  });

  // Each leaves out what it would have done at the second file.
  const DYING: readonly [string, string, string][] = [
    ['awk', 'awk', 'case $* in *nonce=*) head -c 1200; exit 2 ;; esac; exec AWK "$@"'],
    [
      'base64',
      'base64',
      'input=$(cat); case $(printf %s "$input" | wc -c) in ????*) echo QUFB; exit 1 ;; esac; printf %s "$input" | REAL',
    ],
  ];
  for (const [what, program, body] of DYING) {
    it(`misses what it recorded through ${what}, which died over it`, async () => {
      const real = join(scratch.path, 'real');
      const copied = `cp "$(readlink -f "$(command -v ${program})")" ${real}`;
      const fake = script(`fake-${program}`, body.replace('AWK', real).replace('REAL', real));
      const files = Object.fromEntries(
        Array.from({ length: 9 }, (_, index) => [`${index}.xml`, definition(index)]),
      );
      const setUp = [...withFiles(files), copied, standIn(program, fake)];
      const { problems, domains } = await factsIn(record(5, ...setUp));
      expect(domains.length).to.be.below(9);
      expect(
        problems.filter(({ cause }) => cause === 'recording-cut-off').map(({ target }) => target),
      ).to.include('/etc/libvirt/qemu/8.xml on root@compute7');
    });
  }

  /** Records beside namesakes of chronyd in mount namespaces of their own, and tells what the engine was told. */
  function engines(count: number, start: string, engine: string): string[] {
    const daemon = script('chronyd', 'while :; do sleep 1; done');
    const log = join(scratch.path, 'log');
    rmSync(log, { force: true });
    const docker = script('docker', `echo "$*" >> ${log}\n${engine}`);
    // Where the machine has none, the fake one is found.
    const hidden = [
      standIn('docker', docker),
      standIn('chronyc', '/dev/null'),
      standIn('virsh', '/dev/null'),
    ];
    const stream = record(
      1,
      ...hidden.map((it) => `{ ${it}; } || :`),
      ...Array.from({ length: count }, () => `${start} ${daemon} &`),
      'sleep 1',
    );
    const tried = splitRecords(stream).records.filter(({ kind }) => kind === 'trying');
    expect(tried.length).to.be.above(0).and.below(20);
    return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  }

  const ofChrony = (calls: readonly string[]) => calls.filter((it) => it.includes('chronyc'));

  it('runs nothing in a container for a chronyd that anybody could have started', () => {
    const user = 'setpriv --reuid=65533 --regid=65533 --clear-groups unshare -rm';
    expect(ofChrony(engines(1, user, 'exit 0'))).to.deep.equal([]);
    const weak = 'unshare -m setpriv --bounding-set=-sys_time';
    expect(ofChrony(engines(1, weak, 'exit 0'))).to.deep.equal([]);
    expect(ofChrony(engines(1, 'unshare -m', 'exit 0'))[0]).to.equal('exec chrony chronyc -v');
  });

  it('tries an engine that hangs once, and a container that several are in once', () => {
    expect(ofChrony(engines(3, 'unshare -m', 'sleep 30'))).to.deep.equal(['exec chrony chronyc -v']);
    expect(ofChrony(engines(3, 'unshare -m', 'exit 1'))).to.deep.equal(['exec chrony chronyc -v']);
  });
});
