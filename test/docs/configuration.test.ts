import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { PROFILE_NAMES } from '../../src/policy/profiles.js';
import { mistakesIn, policyOf } from '../support/policies.js';

const text = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
const example = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? '';

describe('docs/configuration.md', () => {
  it('has an example that is right, and uses every key', async () => {
    expect(await mistakesIn(example)).to.deep.equal([]);
    const policy = await policyOf(example);
    expect(policy).to.deep.include({ profile: 'nova', fleetTimeZone: 'UTC' });
    expect(policy.thresholds).to.deep.include({ hostOffsetWarnSeconds: 0.002, hostOffsetFailSeconds: 0.02 });
    expect(policy.checks['domain/hpet']).to.deep.equal({ severity: 'info' });
    expect(policy.checks['domain/tick-policy']).to.deep.equal({ enabled: false });
    expect(policy.waivers.map(({ check, target }) => `${check} ${target}`)).to.deep.equal([
      'domain/kvmclock gpu-*',
      'host/clocksource host',
    ]);
    expect(policy.guests.map(({ target, rtcIsUtc }) => `${target} ${rtcIsUtc}`)).to.deep.equal([
      'terminal-server true',
      'win-* false',
    ]);
    const keys = [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key);
    for (const [key] of example.matchAll(/^\w+(?=:)/gm)) expect(keys).to.include(key);
  });

  it('shows a mistake as it is told', async () => {
    const shown = /^\/etc\/virt-clock-audit\.yaml:(4:3: .*)$/m.exec(text)?.[1];
    const yaml = 'profile: nova\n\nthresholds:\n  hostOffsetFailSecond: 0.02\n';
    expect(await mistakesIn(yaml)).to.deep.equal([shown]);
  });

  it('names every profile', () => {
    for (const name of PROFILE_NAMES) expect(text).to.contain(`\`${name}\``);
  });
});
