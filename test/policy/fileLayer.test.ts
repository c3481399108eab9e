import { expect } from 'chai';
import { readYaml } from '../../src/policy/yamlTree.js';
import { mistakesIn, policyOf } from '../support/policies.js';

/** What is wrong, the file, and every mistake that has to be told, with its line and column. */
const MISTAKES: readonly [string, string, readonly (string | RegExp)[]][] = [
  ['a syntax error', 'profile: [', [/^1:11: Flow sequence .* must .* end with a \]$/]],
  ['a tab', 'thresholds:\n\tholdoverPolls: 3', [/^2:1: Tabs are not allowed as indentation$/]],
  [
    'a key twice',
    'profile: nova\nprofile: strict',
    ["2:1: 'profile' is here for the second time, after line 1"],
  ],
  [
    'a key twice further down',
    'thresholds:\n  holdoverPolls: 3\n  holdoverPolls: 4',
    ["3:3: 'holdoverPolls' is here for the second time, after line 2"],
  ],
  ['a second document', 'profile: nova\n---\nprofile: strict', [/^2:1: a second document begins/]],
  ['a tag', 'profile: !!js/function x', [/^1:10: Unresolved tag/]],
  ['a binary', 'profile: !!binary aaaa', [/tags such as .*binary are not understood here/]],
  [
    'an anchor and its alias',
    'checks: &all\n  domain/hpet: {enabled: false}\nthresholds: *all',
    [/^2:3: anchors are not/, /^3:13: aliases are not/],
  ],
  ['no mapping', '- profile: nova', ['1:1: the configuration has to be a mapping, not a list']],
  ['a single word', 'nova', ["1:1: the configuration has to be a mapping, not 'nova'"]],
  ['a key that is a list', '? [profile]\n: nova', ['1:3: a key has to be a word']],
  [
    'an unknown key',
    'treshold: {}',
    ["1:1: unknown key 'treshold' in the configuration; did you mean 'thresholds'?"],
  ],
  [
    'a key like no other',
    'colour: blue',
    [
      "1:1: unknown key 'colour' in the configuration; the keys are profile, thresholds, fleetTimeZone, checks, waivers, guests",
    ],
  ],
  [
    'an unknown profile',
    'profile: strickt',
    [/^1:10: profile has to be one of .*; did you mean 'strict'\?$/],
  ],
  [
    'a limit in another spelling',
    'thresholds:\n  host_offset_fail_seconds: 1',
    ["2:3: unknown key 'host_offset_fail_seconds' in thresholds; did you mean 'hostOffsetFailSeconds'?"],
  ],
  [
    'a limit that is a text',
    'thresholds: {holdoverPolls: "3"}',
    [/^1:29: holdoverPolls has to be a number, not '3'$/],
  ],
  [
    'a limit of nothing',
    'thresholds: {holdoverPolls: 0}',
    ['1:29: holdoverPolls has to be a number above 0'],
  ],
  ['a negative limit', 'thresholds: {holdoverPolls: -1}', ['1:29: holdoverPolls has to be a number above 0']],
  [
    'a limit without end',
    'thresholds: {holdoverSeconds: .inf}',
    ['1:31: holdoverSeconds has to be a number above 0'],
  ],
  ['a limit that is no number', 'thresholds: {holdoverSeconds: .nan}', [/has to be a number above 0$/]],
  [
    'half a stratum',
    'thresholds: {hostStratumWarn: 9.5}',
    ['1:31: hostStratumWarn has to be a whole number'],
  ],
  ['a stratum too high', 'thresholds: {hostStratumWarn: 16}', ['1:31: hostStratumWarn has to be 15 at most']],
  [
    'a failure below its warning',
    'thresholds:\n  hostOffsetWarnSeconds: 0.2\n  hostOffsetFailSeconds: 0.1',
    [
      /^3:26: hostOffsetWarnSeconds \(0\.2, from .*:2:26\) is above hostOffsetFailSeconds \(0\.1, from .*:3:26\)$/,
    ],
  ],
  [
    'a warning above the failure of the profile',
    'profile: strict\nthresholds: {hostOffsetWarnSeconds: 0.01}',
    [/^2:37: .* is above hostOffsetFailSeconds \(0\.0001, from profile strict\)$/],
  ],
  [
    'an RTC adjustment above that of a failure',
    'thresholds: {rtcAdjustmentSeconds: 61}',
    [/^1:36: rtcAdjustmentSeconds \(61.* is above rtcAdjustmentFailSeconds \(60/],
  ],
  [
    'a time zone that does not exist',
    'fleetTimeZone: Europe/Berln',
    [/^1:16: fleetTimeZone has to be a time zone/],
  ],
  [
    'a time zone that is a path',
    'fleetTimeZone: ../../etc/passwd',
    [/^1:16: fleetTimeZone has to be a time zone/],
  ],
  ['a time zone in another case', 'fleetTimeZone: europe/berlin', [/has to be written Europe\/Berlin/]],
  [
    'an unknown check',
    'checks:\n  domain/kvmclok: {enabled: false}',
    ["2:3: there is no check 'domain/kvmclok'; did you mean 'domain/kvmclock'?"],
  ],
  [
    'a glob of no check',
    'checks:\n  guest/*: {enabled: false}',
    ["2:3: there is no check 'guest/*'; virt-clock-audit checks lists them"],
  ],
  [
    'a check of which nothing is said',
    'checks:\n  domain/hpet: {}',
    ['2:3: nothing is said of domain/hpet: give enabled or severity'],
  ],
  [
    'a check switched by a word',
    'checks: {domain/hpet: no}',
    [/^1:23: the check domain\/hpet has to be a mapping/],
  ],
  [
    'an unknown severity',
    'checks: {domain/hpet: {severity: error}}',
    ["1:34: severity has to be one of info, warn, fail, not 'error'"],
  ],
  [
    'a word for true',
    'checks: {domain/hpet: {enabled: yes}}',
    ["1:33: enabled has to be true or false, not 'yes'"],
  ],
  [
    'a waiver without reason and owner',
    'waivers:\n  - check: domain/hpet\n    target: web1',
    ['2:5: a waiver needs its reason, owner'],
  ],
  [
    'an empty reason',
    "waivers: [{check: domain/hpet, target: a, reason: ' ', owner: o}]",
    ['1:51: the reason of a waiver is empty'],
  ],
  [
    'an owner that is a number',
    'waivers: [{check: domain/hpet, target: a, reason: r, owner: 12}]',
    ['1:61: the owner of a waiver has to be a text, not 12; put it in quotes'],
  ],
  [
    'a day that no month has',
    'waivers: [{check: domain/hpet, target: a, reason: r, owner: o, expires: 2027-02-31}]',
    ["1:73: a waiver expires on a day such as 2027-01-31, not on '2027-02-31'"],
  ],
  [
    'a day in another notation',
    'waivers: [{check: domain/hpet, target: a, reason: r, owner: o, expires: 31.1.2027}]',
    [/^1:73: a waiver expires on a day/],
  ],
  [
    'a waiver of an unknown check',
    'waivers: [{check: domain/hpett, target: a, reason: r, owner: o}]',
    ["1:11: there is no check 'domain/hpett'; did you mean 'domain/hpet'?"],
  ],
  [
    'a waiver of the host for a domain',
    'waivers: [{check: host/clocksource, target: web1, reason: r, owner: o}]',
    ["1:11: host/clocksource is about the host: its target has to be host, not 'web1'"],
  ],
  [
    'two waivers that contradict each other',
    `waivers:
  - {check: domain/hpet, target: a, reason: r, owner: o, expires: 2027-01-31}
  - {check: domain/hpet, target: a, reason: r, owner: o, expires: 2028-01-31}`,
    ['3:5: domain/hpet is waived for a already, at policy.yaml:2:5; keep one of the two'],
  ],
  ['a waiver that is a word', 'waivers: [web1]', ["1:11: a waiver has to be a mapping, not 'web1'"]],
  ['a waiver that is nothing', 'waivers:\n  -\n', [/a waiver is empty$/]],
  [
    'waivers that are no list',
    'waivers: {check: domain/hpet}',
    ['1:10: waivers has to be a list, not a mapping'],
  ],
  ['a guest without a name', 'guests: [{os: windows}]', [/^1:10: a guest needs its match/]],
  [
    'an unknown system',
    'guests: [{match: w, os: windos}]',
    [/^1:25: the os of a guest has to be one of windows, .*; did you mean 'windows'\?$/],
  ],
  [
    'a guest twice',
    'guests:\n  - {match: w, os: windows}\n  - {match: w, os: linux}',
    [/^3:5: what w is was said already/],
  ],
  [
    'an unknown RTC',
    'guests: [{match: w, os: windows, rtc: gmt}]',
    [/^1:39: the rtc of a guest has to be one of utc/],
  ],
  [
    'Linux in local time',
    'guests: [{match: l, os: linux, rtc: localtime}]',
    [/^1:10: a linux guest with its RTC/],
  ],
  [
    'much at once',
    'profile: nav\nthresholds: {holdoverPolls: x}\nchecks: {domain/x: {enabled: 1}}\nwaivers: 3',
    [/^1:10: /, /^2:29: /, /^3:30: /, /^4:10: /],
  ],
];

describe('a configuration file', () => {
  for (const [what, yaml, expected] of MISTAKES) {
    it(`has ${what} told with line and column`, async () => {
      const found = await mistakesIn(yaml);
      expect(found).to.have.length(expected.length);
      for (const [index, message] of expected.entries()) {
        if (typeof message === 'string') expect(found[index]).to.equal(message);
        else expect(found[index]).to.match(message);
      }
    });
  }

  for (const [what, yaml] of [
    ['brackets', `a: ${'['.repeat(1_000_000)}`],
    ['braces', '{'.repeat(1_000_000)],
    ['brackets that are closed', `${'['.repeat(500_000)}${']'.repeat(500_000)}`],
    ['mappings in brackets', '{a: '.repeat(250_000)],
    ['indentation', Array.from({ length: 1200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    [
      'indentation of other line ends',
      Array.from({ length: 1200 }, (_, it) => `${' '.repeat(it)}a:`).join('\r'),
    ],
    ['lists in one line', '- '.repeat(500_000)],
    ['lists with anchors in one line', '- &a '.repeat(200_000)],
    ['keys in one line', '?\t'.repeat(500_000)],
    ['values in one line', 'a: '.repeat(300_000)],
    ['a few mappings', `checks: ${'{a: '.repeat(40)}1${'}'.repeat(40)}`],
  ] as const) {
    it(`is refused for too deep nesting by ${what}, at once`, async () => {
      const startedAt = performance.now();
      const [mistake, ...others] = await mistakesIn(yaml);
      expect(mistake).to.match(/^\d+:\d+: is nested too deeply$/);
      expect(others).to.have.length.below(2);
      expect(performance.now() - startedAt).to.be.below(2000);
    });
  }

  it('takes as long as it is large, also with many keys', async function () {
    this.timeout(30_000);
    const keys = Array.from({ length: 50_000 }, (_, index) => `  k${index}: {enabled: true}`).join('\n');
    const startedAt = performance.now();
    expect(readYaml(`checks:\n${keys}`, 'policy.yaml').mistakes).to.deep.equal([]);
    expect(performance.now() - startedAt).to.be.below(10_000);
  });

  for (const [what, yaml] of [
    ['empty', ''],
    ['a comment', '# nothing yet\n'],
    ['a byte order mark', '\ufeffprofile: default\n'],
    ['keys whose values are commented out', 'waivers:\n#  - check: x\nchecks:\nguests:\nthresholds:\n'],
  ] as const) {
    it(`may be ${what}`, async () => {
      expect(await policyOf(yaml)).to.deep.include({
        profile: 'default',
        waivers: [],
        guests: [],
        checks: {},
      });
    });
  }

  it('is understood in full', async () => {
    const policy = await policyOf(`
profile: cluster
thresholds: {hostOffsetWarnSeconds: 1e-3}
fleetTimeZone: Europe/Berlin
checks:
  domain/hpet: {severity: info, enabled: true}
waivers:
  - {check: 'domain/*', target: 'web-?', reason: "because: it's old", owner: ops, expires: 2027-01-31}
guests:
  - {match: 'win-{a,b}', os: windows, rtc: utc}
`);
    expect(policy).to.deep.include({ profile: 'cluster', fleetTimeZone: 'Europe/Berlin' });
    expect(policy.thresholds).to.deep.include({ hostOffsetWarnSeconds: 0.001, hostOffsetFailSeconds: 0.025 });
    expect(policy.checks).to.deep.equal({ 'domain/hpet': { enabled: true, severity: 'info' } });
    expect(policy.waivers).to.deep.equal([
      {
        check: 'domain/*',
        target: 'web-?',
        reason: "because: it's old",
        owner: 'ops',
        expires: '2027-01-31',
        place: 'policy.yaml:8:5',
      },
    ]);
    expect(policy.guests).to.deep.equal([
      { target: 'win-{a,b}', family: 'windows', rtcIsUtc: true, place: 'policy.yaml:10:5' },
    ]);
  });
});
