import { expect } from 'chai';
import { readFileLayer } from '../../src/policy/fileLayer.js';
import { EMPTY_LAYER, type PolicyLayer } from '../../src/policy/layer.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { resolved } from '../support/policies.js';

const file = (yaml: string): PolicyLayer => readFileLayer(yaml, 'policy.yaml').layer;

describe('the layers of a policy', () => {
  it('come to the default policy where they say nothing', async () => {
    const { effective, mistakes } = await resolved(EMPTY_LAYER);
    expect(mistakes).to.deep.equal([]);
    const { matches: _, sources: __, ...policy } = effective.policy;
    const { matches: ___, sources: ____, ...standard } = DEFAULT_POLICY;
    expect(policy).to.deep.equal(standard);
  });

  it('count the more the later they are, value by value', async () => {
    const { effective } = await resolved(
      file('profile: strict\nthresholds: {holdoverPolls: 4, hostStratumWarn: 7}\nfleetTimeZone: UTC'),
      file('thresholds: {holdoverPolls: 5}'),
      file('profile: cluster\nfleetTimeZone: Europe/Berlin'),
    );
    expect(effective.profile).to.deep.equal({
      value: 'cluster',
      origin: { layer: 'file', place: 'policy.yaml:1:10' },
    });
    expect(effective.policy.thresholds).to.deep.include({
      hostOffsetFailSeconds: 0.025,
      holdoverPolls: 5,
      hostStratumWarn: 7,
      hostOffsetWarnSeconds: 0.005,
    });
    expect(effective.policy.fleetTimeZone).to.equal('Europe/Berlin');
    expect(effective.policy.checks).to.deep.equal({});
    expect(effective.thresholds.hostStratumWarn.origin.place).to.equal('policy.yaml:2:49');
    expect(effective.thresholds.hostOffsetFailSeconds.origin.place).to.equal('profile cluster');
    expect(effective.thresholds.hostOffsetWarnSeconds.origin.place).to.equal('profile default');
  });

  it('let an id count more than a glob of the same layer, whichever comes first', async () => {
    for (const checks of [
      'checks: {"domain/h*": {severity: info}, domain/hpet: {severity: fail}}',
      'checks: {domain/hpet: {severity: fail}, "domain/h*": {severity: info}}',
    ]) {
      const { policy } = (await resolved(file(checks))).effective;
      expect(policy.checks['domain/hpet']).to.deep.equal({ severity: 'fail' });
      expect(policy.checks['domain/hypervclock']).to.deep.equal({ severity: 'info' });
    }
  });

  it('let a glob count more than an id of an earlier layer, and keep what it does not speak of', async () => {
    const { policy } = (
      await resolved(
        file('checks: {domain/hpet: {severity: fail, enabled: false}}'),
        file('checks: {"*": {severity: warn}}'),
      )
    ).effective;
    expect(policy.checks['domain/hpet']).to.deep.equal({ severity: 'warn', enabled: false });
    expect(policy.checks['host/clocksource']).to.deep.equal({ severity: 'warn' });
  });

  it('have what the later ones say of guests matched first', async () => {
    const { policy } = (
      await resolved(
        file('guests: [{match: a, os: linux}, {match: b, os: linux}]'),
        file('guests: [{match: a, os: windows}]'),
      )
    ).effective;
    expect(policy.guests.map(({ target, family }) => `${target} ${family}`)).to.deep.equal([
      'a windows',
      'a linux',
      'b linux',
    ]);
  });
});
