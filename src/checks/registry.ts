import type { Check, DefinitionCheck, DomainCheck, HostCheck, SituationCheck } from './check.js';
import { agentChannel } from './domain/agentChannel.js';
import { armvtimer } from './domain/armvtimer.js';
import { clockOffset } from './domain/clockOffset.js';
import { commandlineOverride } from './domain/commandlineOverride.js';
import { definitionRejected } from './domain/definitionRejected.js';
import { foreignTimers } from './domain/foreignTimers.js';
import { hostTimezone } from './domain/hostTimezone.js';
import { hpet } from './domain/hpet.js';
import { hypervclock } from './domain/hypervclock.js';
import { hypervDependencies } from './domain/hypervDependencies.js';
import { hypervStimer } from './domain/hypervStimer.js';
import { ignoredAttributes } from './domain/ignoredAttributes.js';
import { invtscMigration } from './domain/invtscMigration.js';
import { kvmclock } from './domain/kvmclock.js';
import { managedSave } from './domain/managedSave.js';
import { pendingRestart } from './domain/pendingRestart.js';
import { ptpKvm } from './domain/ptpKvm.js';
import { qemuProcess } from './domain/qemuProcess.js';
import { rtcAdjustment } from './domain/rtcAdjustment.js';
import { rtcTrack } from './domain/rtcTrack.js';
import { stackOwner } from './domain/stackOwner.js';
import { taints } from './domain/taints.js';
import { tickPolicy } from './domain/tickPolicy.js';
import { timezone } from './domain/timezone.js';
import { tscFrequency } from './domain/tscFrequency.js';
import { chronyControl } from './host/chronyControl.js';
import { chronySources } from './host/chronySources.js';
import { chronyTracking } from './host/chronyTracking.js';
import { clockParameters } from './host/clockParameters.js';
import { clocksource } from './host/clocksource.js';
import { hardwareClock } from './host/hardwareClock.js';
import { hpetValidation } from './host/hpetValidation.js';
import { kernelClock } from './host/kernelClock.js';
import { kvmClock } from './host/kvmClock.js';
import { kvmParameters } from './host/kvmParameters.js';
import { leapSecond } from './host/leapSecond.js';
import { leapTable } from './host/leapTable.js';
import { libvirtGuests } from './host/libvirtGuests.js';
import { linuxptp } from './host/linuxptp.js';
import { ntpd } from './host/ntpd.js';
import { ptpClocks } from './host/ptpClocks.js';
import { hostPtpKvm } from './host/ptpKvm.js';
import { timeDaemons } from './host/timeDaemons.js';
import { timesyncd } from './host/timesyncd.js';
import { timeZone } from './host/timeZone.js';
import { tscFlags } from './host/tscFlags.js';
import { virtualisation } from './host/virtualisation.js';

/** The checks of a hypervisor, in the order of the report. */
export const HOST_CHECKS: readonly HostCheck[] = [
  chronyTracking,
  chronySources,
  chronyControl,
  timesyncd,
  ntpd,
  linuxptp,
  timeDaemons,
  kernelClock,
  hardwareClock,
  ptpClocks,
  leapSecond,
  leapTable,
  clocksource,
  clockParameters,
  tscFlags,
  virtualisation,
  kvmClock,
  hostPtpKvm,
  kvmParameters,
  timeZone,
  libvirtGuests,
  hpetValidation,
];

/** The checks of one definition, in the order of the report. */
export const DEFINITION_CHECKS: readonly DefinitionCheck[] = [
  clockOffset,
  timezone,
  hostTimezone,
  rtcTrack,
  kvmclock,
  ptpKvm,
  hypervclock,
  hypervDependencies,
  hypervStimer,
  hpet,
  tickPolicy,
  armvtimer,
  invtscMigration,
  tscFrequency,
  commandlineOverride,
  ignoredAttributes,
  foreignTimers,
  stackOwner,
];

/** The checks of a domain as a whole, in the order of the report. */
export const SITUATION_CHECKS: readonly SituationCheck[] = [
  definitionRejected,
  qemuProcess,
  pendingRestart,
  managedSave,
  rtcAdjustment,
  agentChannel,
  taints,
];

/** All checks of a domain, in the order of the report. */
export const DOMAIN_CHECKS: readonly DomainCheck[] = [...DEFINITION_CHECKS, ...SITUATION_CHECKS];

/** All checks. */
export const CHECKS: readonly Check[] = [...HOST_CHECKS, ...DOMAIN_CHECKS];
