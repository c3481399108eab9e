import { known } from '../../src/facts/fact.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import type { PatchContext } from '../../src/remediation/patch.js';

/** A host that nobody asked about, but for the facts that are given. */
export function patchContext(host: Partial<HostFacts> = {}, leaveAlone?: readonly string[]): PatchContext {
  return {
    libvirtVersion: null,
    host: { ...hostLeftOut('the host was left out by the test'), ...host },
    policy: DEFAULT_POLICY,
    ...(leaveAlone && { leaveAlone: new Set(leaveAlone) }),
  };
}

/** A host whose TSC libvirt knows, in Hz. */
export function hostWithTsc(frequencyHz: number, scaling: boolean | null = false): Partial<HostFacts> {
  return { tscCounter: known({ frequencyHz, scaling }, 'test') };
}

/** What makes a guest surely Windows. */
export const WINDOWS =
  "<metadata><l:libosinfo xmlns:l='http://libosinfo.org/xmlns/libvirt/domain/1.0'><l:os id='http://microsoft.com/win/11'/></l:libosinfo></metadata>";

/** What switches a Windows guest's synthetic timers on. */
export const STIMER =
  "<features><hyperv><vpindex state='on'/><synic state='on'/><stimer state='on'/></hyperv></features>";

/** `qemu:commandline` with those words. */
export function args(...words: string[]): string {
  return `<qemu:commandline>${words.map((word) => `<qemu:arg value='${word}'/>`).join('')}</qemu:commandline>`;
}
