import { expect } from 'chai';
import { fixesText, fixRemarks, hostFixLines, ownerFixLines } from '../../src/cli/patching/fixLines.js';
import type { HostFix } from '../../src/remediation/hostFix.js';

const chrony: HostFix = {
  check: 'host/chrony-tracking',
  about: 'lets chronyd set the RTC',
  file: '/etc/chrony/chrony.conf',
  lines: ['rtcsync', 'makestep 1.0 3'],
  activate: 'systemctl restart chrony',
};

describe('the lines of a fix', () => {
  it('are a text to paste from, in which words are comments', () => {
    const commands: HostFix = { ...chrony, check: 'host/clocksource', file: null, activate: null };
    expect(
      fixesText([chrony, commands].map(hostFixLines)),
    ).to.equal(`# host/chrony-tracking: lets chronyd set the RTC
# in /etc/chrony/chrony.conf:
rtcsync
makestep 1.0 3
# then:
systemctl restart chrony

# host/clocksource: lets chronyd set the RTC
rtcsync
makestep 1.0 3
`);
  });

  it('are remarks, in which what is to be pasted is indented', () => {
    expect(fixRemarks(hostFixLines(chrony))).to.deep.equal([
      'host/chrony-tracking: lets chronyd set the RTC',
      'in /etc/chrony/chrony.conf:',
      '    rtcsync',
      '    makestep 1.0 3',
      'then:',
      '    systemctl restart chrony',
    ]);
  });

  it('tell what its owner has to do', () => {
    const steps = [
      { about: 'names the guest', command: "openstack image set 'x'", checks: ['domain/clock-offset'] },
      { about: 'has it rebuilt by hand', command: null, checks: ['domain/clock-offset'] },
    ];
    expect(fixRemarks(ownerFixLines({ owner: 'nova', steps, undoneBy: 'a hard reboot' }))).to.deep.equal([
      'the fix that lasts is made in nova:',
      '- names the guest',
      "    openstack image set 'x'",
      '- has it rebuilt by hand',
    ]);
    expect(ownerFixLines({ owner: 'nova', steps: [], undoneBy: 'a hard reboot' })).to.deep.equal([]);
  });

  it('are lines, whatever was put into them', () => {
    const evil = 'a\r\u2028b\u001b[2J\u202e';
    const steps = [{ about: `x\n${evil}`, command: evil, checks: [] }];
    const lines = fixRemarks(ownerFixLines({ owner: evil, steps, undoneBy: '' }));
    for (const line of lines) expect(line).not.to.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(lines).to.have.length(3);
  });
});
