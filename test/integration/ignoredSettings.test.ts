import { expect } from 'chai';
import { type ClockCase, clockCaseXml } from '../support/clockMatrix.js';
import { type EmbeddedDriver, hasKvm, startEmbeddedDriver } from '../support/embeddedDriver.js';
import { ignoredSettingCases } from '../support/ignoredSettingCases.js';
import { requireCommand } from '../support/requirement.js';

describe('settings without an effect, to libvirt', function () {
  this.timeout(120_000);
  let driver: EmbeddedDriver;

  before(async function () {
    requireCommand(this, 'virsh', 'qemu-system-x86_64', 'qemu-system-aarch64');
    driver = await startEmbeddedDriver();
  });

  after(() => driver?.stop());

  for (const [name, { written, without }] of Object.entries(ignoredSettingCases)) {
    it(name, async () => {
      const now = Date.now();
      const translate = async (it: ClockCase) => {
        const xml = clockCaseXml('ignored', hasKvm() ? it : { ...it, type: 'qemu' });
        const translation = await driver.timeArguments(xml);
        if ('rejected' in translation) throw new Error(translation.rejected);
        return translation.args.map((argument) => relative(argument, now));
      };
      expect(await translate(written)).to.deep.equal(await translate(without));
    });
  }
});

/** A date that libvirt made of an adjustment moves on between two translations; quarters of an hour do not. */
function relative(argument: string, nowMilliseconds: number): string {
  return argument.replace(/base=(20\d\d-\S+)/, (_, date) => {
    const seconds = (Date.parse(`${date}Z`) - nowMilliseconds) / 1000;
    return `base=now+${Math.round(seconds / 900) * 900}`;
  });
}
