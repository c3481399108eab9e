import type { Outcome } from '../checks/check.js';
import type { GuestOs, Owner } from '../facts/definition.js';
import { LIBVIRT_ERROR, type MemberShapes, word } from '../facts/factShape.js';
import type { SourceFacts } from '../facts/facts.js';
import { HOST } from '../facts/hostShape.js';
import type { Shape } from '../facts/shape.js';
import { EFFECTIVE_CLOCK } from './effectiveClockShape.js';
import type {
  AppliedWaiver,
  CheckDescription,
  DomainReport,
  Place,
  Report,
  ReportedFinding,
  ReportedPolicy,
  ReportedProblem,
  ReportedWaiver,
  Summary,
} from './report.js';

const DEFINITION_KIND = word('live', 'inactive');
const OUTCOMES = ['pass', 'info', 'warn', 'fail', 'unknown', 'not-applicable'] as const;
const OUTCOME = word(...OUTCOMES);
const STATES = [
  ...['running', 'idle', 'paused', 'in shutdown', 'shut off', 'crashed', 'pmsuspended', 'no state'],
];
const FAMILIES = ['windows', 'linux', 'bsd', 'solaris', 'dos', 'other', 'unknown'];

const PLACE: Shape = { file: 'string', line: 'number', column: 'number' } satisfies MemberShapes<Place>;

const WAIVER = {
  reason: 'string',
  owner: 'string',
  expires: { $nullable: 'string' },
  place: 'string',
} satisfies MemberShapes<AppliedWaiver>;

const FINDING: Shape = {
  check: 'string',
  outcome: OUTCOME,
  code: 'string',
  title: 'string',
  observed: 'string',
  expected: { $optional: 'string' },
  detail: { $optional: 'string' },
  definition: { $optional: DEFINITION_KIND },
  place: { $optional: PLACE },
  judgedAs: { $optional: word('warn', 'fail') },
  waiver: { $optional: WAIVER },
  evidence: [{ fact: 'string', source: 'string' }],
  fixable: 'boolean',
  libvirtError: LIBVIRT_ERROR,
} satisfies MemberShapes<ReportedFinding>;

const PROBLEM: Shape = {
  outcome: { $is: 'unknown' },
  target: 'string',
  cause: 'string',
  reason: 'string',
  line: { $optional: 'number' },
  column: { $optional: 'number' },
  libvirtError: LIBVIRT_ERROR,
} satisfies MemberShapes<ReportedProblem>;

const OWNER: Shape = {
  kind: word('nova', 'ovirt', 'kubevirt', 'libosinfo', 'none'),
  label: 'string',
  instanceName: { $optional: 'string' },
  flavor: { $optional: 'string' },
  flavorId: { $optional: 'string' },
  flavorExtraSpecs: { $optional: { $values: 'string' } },
  imageUuid: { $optional: 'string' },
  project: { $optional: 'string' },
  projectUuid: { $optional: 'string' },
  imageProperties: { $optional: { $values: 'string' } },
  rewrittenBy: { $optional: 'string' },
} satisfies MemberShapes<Owner>;

const GUEST_OS: Shape = {
  family: word(...FAMILIES),
  confidence: word('strong', 'medium', 'weak', 'none'),
  evidence: 'string',
  rtcIsUtc: { $optional: { $is: true } },
} satisfies MemberShapes<GuestOs>;

const DOMAIN: Shape = {
  name: 'string',
  uuid: { $nullable: 'string' },
  source: 'string',
  state: { $nullable: word(...STATES) },
  persistent: { $nullable: 'boolean' },
  managedSave: { $nullable: 'boolean' },
  definition: { $nullable: DEFINITION_KIND },
  virtType: { $nullable: 'string' },
  arch: { $nullable: 'string' },
  machine: { $nullable: 'string' },
  owner: { $nullable: OWNER },
  guestOs: { $nullable: GUEST_OS },
  effectiveClock: { $nullable: EFFECTIVE_CLOCK },
  nextEffectiveClock: { $optional: EFFECTIVE_CLOCK },
  findings: [FINDING],
} satisfies MemberShapes<DomainReport>;

const CHECK: Shape = {
  id: 'string',
  title: 'string',
  failureTitle: 'string',
  rationale: 'string',
  fix: 'string',
  references: [{ title: 'string', url: 'string' }],
} satisfies MemberShapes<CheckDescription>;

const POLICY: Shape = {
  profile: 'string',
  sources: ['string'],
  thresholds: { $values: 'number' },
  fleetTimeZone: { $nullable: 'string' },
  disabledChecks: ['string'],
  severities: { $values: word('info', 'warn', 'fail') },
  waivers: [
    {
      ...WAIVER,
      check: 'string',
      target: 'string',
      state: word('applied', 'expired', 'unmatched', 'not-tested'),
      findings: 'number',
    } satisfies MemberShapes<ReportedWaiver>,
  ],
  guests: [{ target: 'string', family: word(...FAMILIES), rtcIsUtc: 'boolean', place: 'string' }],
} satisfies MemberShapes<ReportedPolicy>;

const SUMMARY: Shape = {
  outcome: word('pass', 'warn', 'fail', 'unknown'),
  exitCode: 'number',
  domains: 'number',
  problems: 'number',
  findings: Object.fromEntries(OUTCOMES.map((outcome: Outcome) => [outcome, 'number'])),
  waived: 'number',
} satisfies MemberShapes<Summary>;

/** What a report must look like before anybody renders it; a newer minor version may have more members. */
export const REPORT: Shape = {
  schema: { $is: 'virt-clock-audit/report' },
  schemaVersion: 'string',
  tool: { name: { $is: 'virt-clock-audit' }, version: 'string' },
  run: {
    collectedAt: 'string',
    hostname: 'string',
    target: { $optional: 'string' },
    sources: [
      {
        kind: word('libvirt', 'files'),
        location: 'string',
        libvirtVersion: { $optional: 'string' },
      } satisfies MemberShapes<SourceFacts>,
    ],
    hostNote: 'string',
  } satisfies MemberShapes<Report['run']>,
  policy: POLICY,
  summary: SUMMARY,
  checks: [CHECK],
  host: { $nullable: { facts: HOST, findings: [FINDING] } },
  domains: [DOMAIN],
  problems: [PROBLEM],
  notes: ['string'],
} satisfies MemberShapes<Report>;
