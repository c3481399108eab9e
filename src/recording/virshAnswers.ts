import type { DomainState } from '../facts/domain.js';
import { type Fact, known, unknown } from '../facts/fact.js';
import { markedParts } from './markedParts.js';
import type { VirshDomain, VirshRecord } from './recording.js';
import type { Records } from './records.js';
import { domainInformation } from './virshInformation.js';

/** What virsh said, by what it was asked and about whom. */
type Answers = ReadonlyMap<string, string>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LONGEST_NAME = 4096;

/** What virsh told of the hypervisor; null where no virsh could. */
export function virshRecord({ records, nonce }: Records): VirshRecord | null {
  const uri = records.find(({ kind }) => kind === 'virsh')?.words;
  if (uri === undefined) return null;
  const answers = new Map<string, string>();
  for (const { kind, body } of records) {
    if (kind !== 'virsh-answer') continue;
    for (const { words, text } of markedParts(body.toString('utf8'), nonce))
      answers.set(words.join(':'), text);
  }
  const active = new Set(uuidsIn(answers.get('active')));
  const version = answers.get('version') ?? '';
  const capabilities = answers.get('capabilities');
  const qemuVersion = /^Running hypervisor: QEMU (\d+\.\d+\.\d+)$/m.exec(version)?.[1];
  return {
    uri: uri.slice(0, 1000),
    libvirtVersion: /^Running against daemon: (\d+\.\d+\.\d+)$/m.exec(version)?.[1] ?? null,
    domains: uuidsIn(answers.get('all')).map((uuid) => domainOf(uuid, active.has(uuid), answers)),
    ...(capabilities !== undefined && { capabilities: xml(capabilities, 'virsh capabilities') }),
    qemuVersion:
      qemuVersion === undefined
        ? unknown('virsh version', 'not-recorded', 'virsh did not tell the version of QEMU')
        : known(qemuVersion, 'virsh version'),
  };
}

function uuidsIn(answer: string | undefined): string[] {
  return [...new Set((answer ?? '').split(/\s+/).filter((word) => UUID.test(word)))];
}

function domainOf(uuid: string, listedActive: boolean, answers: Answers): VirshDomain {
  const told = answers.get(`info:${uuid}`);
  const info = domainInformation(told ?? '');
  const live = answers.get(`live:${uuid}`);
  const inactive = answers.get(`inactive:${uuid}`);
  const saved = answers.get(`savedxml:${uuid}`);
  const transient = info.persistent === false;
  return {
    name: nameIn(live) ?? nameIn(inactive) ?? uuid,
    uuid,
    state: fact<DomainState>(info.state, told),
    persistent: fact(info.persistent, told),
    managedSave: fact(info.managedSave, told),
    live: listedActive ? xml(live, `virsh dumpxml ${uuid}`) : null,
    inactive: listedActive && transient ? null : xml(inactive, `virsh dumpxml --inactive ${uuid}`),
    ...(saved !== undefined && { saved: xml(saved, `virsh managedsave-dumpxml ${uuid}`) }),
    ...(listedActive && info.taints && { taints: known(info.taints, 'virsh dominfo') }),
  };
}

function fact<T>(value: T | null, told: string | undefined): Fact<T> {
  return value === null ? notTold('virsh dominfo', told) : known(value, 'virsh dominfo');
}

/** XML as libvirt wrote it, or virsh's complaint. */
function xml(answer: string | undefined, source: string): Fact<string> {
  const text = answer?.trim() ?? '';
  return text.startsWith('<') ? known(`${text}\n`, source) : notTold(source, answer);
}

function notTold(source: string, answer: string | undefined): Fact<never> {
  const complaint = /^error: (.*)$/m.exec(answer ?? '')?.[1]?.slice(0, 300);
  if (complaint !== undefined) return unknown(source, 'virsh-failed', `virsh failed: ${complaint}`);
  return unknown(source, 'not-recorded', 'the recording does not hold what virsh said of this');
}

/** The name in libvirt's own XML, where nothing but attributes and elements of its making comes before it. */
function nameIn(text: string | undefined): string | null {
  const escaped = /<name>([^<]+)<\/name>/.exec(text ?? '')?.[1];
  const name = escaped?.replace(/&(lt|gt|amp|quot|apos);/g, (_, entity: string) => ENTITIES[entity] ?? '');
  return name === undefined || name.length > LONGEST_NAME ? null : name;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
