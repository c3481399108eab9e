import { MAX_BYTES, TooLarge } from '../domxml/sourceText.js';
import type { DomainState } from '../facts/domain.js';
import { type Fact, known, unknown } from '../facts/fact.js';
import { markedParts } from './markedParts.js';
import { expectDomains } from './recordedPlaces.js';
import type { VirshDomain, VirshRecord } from './recording.js';
import type { Records } from './records.js';
import { domainInformation } from './virshInformation.js';
import { type VirshSilence, virshSilence } from './virshSilence.js';

/** What virsh said, by what it was asked and about whom. */
type Answers = ReadonlyMap<string, string>;

/** What virsh told of one subject, or why there is nothing of it. */
interface Told {
  readonly answer: string | undefined;
  readonly silence: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LONGEST_NAME = 4096;

/**
 * What virsh told of the hypervisor; null where no virsh could.
 * @param deadlineSeconds - how long the collector waited for an answer, where that is known
 * @throws RecordingUnreadable for more domains than any host has
 */
export function virshRecord(
  { records, nonce }: Records,
  deadlineSeconds: number | undefined,
): VirshRecord | null {
  const uri = records.find(({ kind }) => kind === 'virsh')?.words;
  if (uri === undefined) return null;
  const answers = new Map<string, string>();
  for (const { kind, body } of records) {
    if (kind !== 'virsh-answer') continue;
    for (const { words, text } of markedParts(body.toString('utf8'), nonce).parts)
      answers.set(words.join(':'), text);
  }
  const silence = virshSilence(records, deadlineSeconds);
  const active = new Set(uuidsIn(answers.get('active')));
  const all = uuidsIn(answers.get('all'));
  expectDomains(all.length);
  const vanished = new Set(all.filter((uuid) => hasVanished(uuid, active.has(uuid), answers)));
  const listMissing = missingList(answers);
  const version = answers.get('version') ?? '';
  const capabilities = answers.get('capabilities');
  const qemuVersion = /^Running hypervisor: QEMU (\d+\.\d+\.\d+)$/m.exec(version)?.[1];
  return {
    uri: uri.slice(0, 1000),
    libvirtVersion: /^Running against daemon: (\d+\.\d+\.\d+)$/m.exec(version)?.[1] ?? null,
    domains: all
      .filter((uuid) => !vanished.has(uuid))
      .map((uuid) => domainOf(uuid, active.has(uuid), answers, silence)),
    vanished: [...vanished],
    ...(listMissing !== undefined && { listMissing }),
    ...(capabilities !== undefined && {
      capabilities: xml({ answer: capabilities, silence: silence('capabilities') }, 'virsh capabilities'),
    }),
    qemuVersion:
      qemuVersion === undefined
        ? unknown('virsh version', 'not-recorded', 'virsh did not tell the version of QEMU')
        : known(qemuVersion, 'virsh version'),
  };
}

function uuidsIn(answer: string | undefined): string[] {
  return [...new Set((answer ?? '').split(/\s+/).filter((word) => UUID.test(word)))];
}

/** Why it is not known which domains there are: an error in the place of a list is no empty list. */
function missingList(answers: Answers): string | undefined {
  for (const list of ['active', 'all', 'saved']) {
    const answer = answers.get(list);
    const complaint = complaintIn(answer);
    const why =
      answer === undefined ? 'the recording does not hold' : complaint && `virsh failed (${complaint}) for`;
    if (why !== undefined)
      return `${why} the list of ${LISTS[list]}, so it is not known which domains there are; record it again`;
  }
  return undefined;
}

const LISTS: Readonly<Record<string, string>> = {
  active: 'domains that run',
  all: 'all domains',
  saved: 'domains with a managed save image',
};

/** Whether virsh knew nothing of a domain when it was asked, in every answer that there is. */
function hasVanished(uuid: string, listedActive: boolean, answers: Answers): boolean {
  const kinds = ['info', 'inactive', ...(listedActive ? ['live'] : [])];
  return kinds.every((kind) => /^error: Domain not found\b/m.test(answers.get(`${kind}:${uuid}`) ?? ''));
}

function domainOf(
  uuid: string,
  listedActive: boolean,
  answers: Answers,
  silenceAbout: VirshSilence,
): VirshDomain {
  const silence = silenceAbout(uuid);
  const told = (answer: string | undefined): Told => ({ answer, silence });
  const information = told(answers.get(`info:${uuid}`));
  const info = domainInformation(information.answer ?? '');
  const live = answers.get(`live:${uuid}`);
  const inactive = answers.get(`inactive:${uuid}`);
  const saved = answers.get(`savedxml:${uuid}`);
  const hasImage = info.managedSave === true || saved !== undefined;
  const transient = info.persistent === false;
  return {
    name: nameIn(live) ?? nameIn(inactive) ?? uuid,
    uuid,
    state: fact<DomainState>(info.state, information),
    persistent: fact(info.persistent, information),
    managedSave: fact(info.managedSave, information),
    live: listedActive ? xml(told(live), `virsh dumpxml ${uuid}`) : null,
    inactive: listedActive && transient ? null : xml(told(inactive), `virsh dumpxml --inactive ${uuid}`),
    ...(hasImage && { saved: xml(told(saved), `virsh managedsave-dumpxml ${uuid}`) }),
    ...(listedActive && info.taints && { taints: known(info.taints, 'virsh dominfo') }),
  };
}

function fact<T>(value: T | null, told: Told): Fact<T> {
  return value === null ? notTold('virsh dominfo', told) : known(value, 'virsh dominfo');
}

/** XML as libvirt wrote it, or virsh's complaint. */
function xml(told: Told, source: string): Fact<string> {
  const text = told.answer?.trim() ?? '';
  if (text.length > MAX_BYTES) {
    return unknown(source, 'too-large', `what virsh printed ${new TooLarge().message}`);
  }
  return text.startsWith('<') ? known(`${text}\n`, source) : notTold(source, told);
}

function notTold(source: string, { answer, silence }: Told): Fact<never> {
  const complaint = complaintIn(answer);
  if (complaint !== undefined) return unknown(source, 'virsh-failed', `virsh failed: ${complaint}`);
  return unknown(source, 'not-recorded', silence);
}

function complaintIn(answer: string | undefined): string | undefined {
  return /^error: (.*)$/m.exec(answer ?? '')?.[1]?.slice(0, 300);
}

/** The name in libvirt's own XML, where nothing but attributes and elements of its making comes before it. */
function nameIn(text: string | undefined): string | null {
  const escaped = /<name>([^<]+)<\/name>/.exec(text ?? '')?.[1];
  const name = escaped?.replace(/&(lt|gt|amp|quot|apos);/g, (_, entity: string) => ENTITIES[entity] ?? '');
  return name === undefined || name.length > LONGEST_NAME ? null : name;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
