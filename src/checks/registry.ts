import type { Check, DomainCheck, HostCheck } from './check.js';
import { clockOffset } from './domain/clockOffset.js';
import { kvmclock } from './domain/kvmclock.js';
import { ptpKvm } from './domain/ptpKvm.js';
import { rtcTrack } from './domain/rtcTrack.js';
import { chronyTracking } from './host/chronyTracking.js';
import { clocksource } from './host/clocksource.js';

/** The checks of a hypervisor, in the order of the report. */
export const HOST_CHECKS: readonly HostCheck[] = [chronyTracking, clocksource];

/** The checks of a domain, in the order of the report. */
export const DOMAIN_CHECKS: readonly DomainCheck[] = [clockOffset, rtcTrack, kvmclock, ptpKvm];

/** All checks. */
export const CHECKS: readonly Check[] = [...HOST_CHECKS, ...DOMAIN_CHECKS];
