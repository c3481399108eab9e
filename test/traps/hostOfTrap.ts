import { parseSource, parseTracking } from '../../src/chrony/records.js';
import type { ChronyAnswer } from '../../src/facts/chrony.js';
import { known } from '../../src/facts/fact.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import { readClocksource } from '../../src/host/clocksource.js';
import { readKvmParameters } from '../../src/host/kvmParameters.js';
import { ptpKvmOffer } from '../../src/ptp/ptpKvmOffer.js';
import type { Trap } from './trap.js';

/**
 * The host of a trap: the facts of its `host.json`, what chronyc printed in `chronyc/`, and what the readers make of the
 * tree in `root/`. What is not there was left out; null where nothing is.
 */
export function hostOfTrap(trap: Trap): HostFacts | null {
  const sources = ['host.json', 'chronyc', 'root'].filter((file) => trap.has(file));
  if (sources.length === 0) return null;
  const root = trap.path('root');
  const stated = trap.has('host.json') ? trap.json<Record<string, unknown>>('host.json') : {};
  const host: HostFacts = {
    ...hostLeftOut('not part of this trap'),
    ...(trap.has('root/sys/module/kvm') && { kvmParameters: readKvmParameters(root) }),
    ...(trap.has('root/sys/devices/system/clocksource') && { clocksource: readClocksource(root) }),
    ...(trap.has('chronyc') && { chrony: known(answerOf(trap), 'chronyc') }),
    ...Object.fromEntries(Object.entries(stated).map(([name, value]) => [name, known(value, 'host.json')])),
  };
  const { architecture, clocksource } = host;
  return { ...host, ptpKvm: ptpKvmOffer(architecture, clocksource) };
}

function answerOf(trap: Trap): ChronyAnswer {
  const lines = (file: string) => trap.text(file).split('\n').filter(Boolean);
  const [tracking = ''] = lines('chronyc/tracking');
  return {
    daemon: 'answers',
    tracking: parseTracking(tracking),
    sources: lines('chronyc/sources').map(parseSource),
    sourceStatistics: [],
    activity: null,
    steersClock: null,
    readAtSeconds: Number(trap.text('chronyc/date')),
  };
}
