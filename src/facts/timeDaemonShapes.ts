import { type MemberShapes, word } from './factShape.js';
import type { Shape } from './shape.js';
import type { LinuxptpAnswer, NtpAnswer, NtpPeer, TimesyncdAnswer } from './timeDaemons.js';

const LAST_PACKET: Shape = {
  stratum: 'number',
  leap: 'number',
  offsetSeconds: 'number',
  rootDelaySeconds: 'number',
  rootDispersionSeconds: 'number',
  delaySeconds: 'number',
  jitterSeconds: 'number',
  packetCount: 'number',
  ageSeconds: 'number',
} satisfies MemberShapes<NonNullable<TimesyncdAnswer['lastPacket']>>;

export const TIMESYNCD: Shape = {
  synchronised: 'boolean',
  serverName: 'string',
  serverAddress: 'string',
  pollIntervalSeconds: { $nullable: 'number' },
  lastPacket: { $nullable: LAST_PACKET },
} satisfies MemberShapes<TimesyncdAnswer>;

const PEER: Shape = {
  name: 'string',
  state: word('selected', 'combined', 'not-combined', 'falseticker', 'unusable'),
  stratum: 'number',
  reach: 'number',
  offsetSeconds: 'number',
} satisfies MemberShapes<NtpPeer>;

export const NTPD: Shape = {
  stratum: 'number',
  leap: word('none', 'insert-second', 'delete-second', 'not-synchronised'),
  referenceId: 'string',
  offsetSeconds: 'number',
  rootDelaySeconds: 'number',
  rootDispersionSeconds: 'number',
  jitterSeconds: 'number',
  lastUpdateAgeSeconds: { $nullable: 'number' },
  peers: [PEER],
} satisfies MemberShapes<NtpAnswer>;

export const LINUXPTP: Shape = {
  portStates: { $nullable: ['string'] },
  grandmasterPresent: { $nullable: 'boolean' },
  masterOffsetSeconds: { $nullable: 'number' },
  systemClockBy: { $nullable: 'string' },
  systemClockFrom: { $nullable: 'string' },
} satisfies MemberShapes<LinuxptpAnswer>;
