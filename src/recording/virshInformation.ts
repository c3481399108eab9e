import { type DomainState, domainState } from '../facts/domain.js';

/** What `virsh dominfo` tells; null for what it did not. */
export interface DomainInformation {
  readonly state: DomainState | null;
  readonly persistent: boolean | null;
  readonly managedSave: boolean | null;
  /** Without the word `tainted: `, as `virDomainGetMessages` gives them. */
  readonly taints: readonly string[] | null;
}

/** Reads what `virsh dominfo` prints in the C locale. The first line of a name counts: the domain's own name is above. */
export function domainInformation(text: string): DomainInformation {
  // A name is the domain's owner's to choose, and nothing in front of the UUID is believed.
  const trusted = text.slice(Math.max(0, text.search(/^UUID:/m)));
  const value = (name: string) => new RegExp(`^${name}:[ \\t]+(.*)$`, 'm').exec(trusted)?.[1]?.trim();
  const state = value('State');
  return {
    state: state === undefined ? null : domainState(state),
    persistent: yesOrNo(value('Persistent')),
    managedSave: yesOrNo(value('Managed save')),
    taints: taintsIn(trusted),
  };
}

function yesOrNo(word: string | undefined): boolean | null {
  return word === 'yes' ? true : word === 'no' ? false : null;
}

/** libvirt 7.1 and later list them at the end, one a line. */
function taintsIn(text: string): readonly string[] | null {
  if (!/^Managed save:/m.test(text)) return null;
  const messages = /^Messages:[ \t]+([\s\S]*)$/m.exec(text)?.[1] ?? '';
  return messages
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
