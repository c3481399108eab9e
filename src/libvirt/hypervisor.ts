import type { Fact } from '../facts/fact.js';
import { known } from '../facts/fact.js';
import type { Connection } from './connection.js';
import { unknownBecause } from './failures.js';

/** Costly things about a hypervisor: a daemon that has not looked at QEMU yet takes seconds to answer. */
export interface HypervisorQuestions {
  readonly capabilities: boolean;
  readonly version: boolean;
}

/** What was asked of {@link HypervisorQuestions}; absent where it was not. */
export interface HypervisorAnswers {
  /** XML, see {@link https://libvirt.org/formatcaps.html}. */
  readonly capabilities?: Fact<string>;
  /** QEMU's, as `7.2.22`. */
  readonly version?: Fact<string>;
}

/** Asks, one after the other. Never throws for what libvirt does: it is in the answers. */
export async function askHypervisor(
  connection: Connection,
  { capabilities, version }: HypervisorQuestions,
): Promise<HypervisorAnswers> {
  return {
    ...(capabilities && {
      capabilities: await answer('virConnectGetCapabilities', () => connection.capabilities()),
    }),
    ...(version && { version: await answer('virConnectGetVersion', () => connection.hypervisorVersion()) }),
  };
}

async function answer(call: string, ask: () => Promise<string>): Promise<Fact<string>> {
  try {
    return known(await ask(), call);
  } catch (error) {
    return unknownBecause(call, error);
  }
}
