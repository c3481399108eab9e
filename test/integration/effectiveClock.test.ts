import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readDefinition } from '../../src/domxml/definition.js';
import type { DomainDefinition } from '../../src/facts/definition.js';
import { clockCaseXml, clockMatrix } from '../support/clockMatrix.js';
import { type EmbeddedDriver, hasKvm, startEmbeddedDriver } from '../support/embeddedDriver.js';
import { isDateRefused, timeArgumentsOf } from '../support/qemuArguments.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';

const directory = join(import.meta.dirname, '..', 'fixtures', 'domxml');
const emulators: Readonly<Record<string, string>> = {
  x86_64: 'qemu-system-x86_64',
  i686: 'qemu-system-i386',
  aarch64: 'qemu-system-aarch64',
  armv7l: 'qemu-system-arm',
};

/** The domain's own element: what lies around it in libvirt's status files is not for its parser. */
function domainElement(text: string): string {
  if (!text.includes('<domstatus')) return text;
  return /<domain[\s>].*<\/domain>/s.exec(text)?.[0] ?? text;
}

/** Without /dev/kvm, and for another architecture, libvirt knows neither the type nor the CPU that goes with it. */
function forThisHost(xml: string): string {
  const x86 = /arch\s*=\s*["'](x86_64|i686)/.test(xml);
  if (hasKvm() && x86) return xml;
  const emulated = xml.replace(/(<domain[^>]*\stype\s*=\s*)(["'])kvm\2/, '$1$2qemu$2');
  return x86
    ? emulated.replace(/mode=(["'])host-(?:passthrough|model)\1/, 'mode=$1maximum$1')
    : emulated
        .replace(/<cpu mode=["']host-[^>]*?(\/>|>.*?<\/cpu>)/s, '')
        .replace(/<timer name='armvtimer'[^>]*>/, '');
}

/** Without what takes root even for a translation. */
function withoutPrivileges(xml: string): string {
  return xml.replace(/<(interface|cputune)[\s>].*?<\/\1\s*>/gs, '');
}

describe('effective clock and libvirt', function () {
  this.timeout(120_000);
  let driver: EmbeddedDriver;
  let libvirtVersion: string;

  before(async function () {
    requireCommand(this, 'virsh', 'qemu-system-x86_64');
    libvirtVersion = (await runCommand('virsh', ['--version'])).trim();
    driver = await startEmbeddedDriver();
  });

  after(() => driver?.stop());

  /** Libvirt's arguments are ours, or both refuse the definition. */
  async function compare(text: string): Promise<DomainDefinition> {
    const xml = forThisHost(text);
    const definition = readDefinition(xml, libvirtVersion);
    const { qemuArgs } = definition.effectiveClock;
    const dateIsFixed = !qemuArgs.some((argument) => argument.includes('base=datetime'));
    const answer = await driver.commandLine(withoutPrivileges(xml));
    const ours =
      definition.rejections.length > 0 ? { rejected: definition.rejections } : { args: qemuArgs.toSorted() };
    const theirs = translation(answer, dateIsFixed);
    if ('rejected' in ours && 'rejected' in theirs) return definition;
    expect(ours).to.deep.equal(theirs);
    return definition;
  }

  function translation(answer: Awaited<ReturnType<EmbeddedDriver['commandLine']>>, dateIsFixed: boolean) {
    if ('rejected' in answer) return { rejected: [answer.rejected] };
    if (isDateRefused(answer.line)) return { rejected: ['QEMU refuses the date'] };
    return { args: timeArgumentsOf(answer.line, { dateIsFixed }).toSorted() };
  }

  describe('fixtures', () => {
    for (const file of readdirSync(directory).filter((name) => name.endsWith('.expect.json'))) {
      const name = file.replace(/\.expect\.json$/, '');
      const { problem, notTranslatableHere } = JSON.parse(readFileSync(join(directory, file), 'utf8'));
      const text = problem ? '' : domainElement(readFileSync(join(directory, `${name}.xml`), 'utf8'));
      const { virtType, arch = '' } = problem ? { virtType: '' } : readDefinition(text, null);
      if (virtType !== 'kvm' && virtType !== 'qemu') continue;
      it(name, async function () {
        requireFact(this, !notTranslatableHere, `${name}: ${notTranslatableHere}`);
        requireCommand(this, emulators[arch] ?? `qemu-system-${arch}`);
        const { rejections } = await compare(text);
        expect(rejections.length > 0).to.equal(name.startsWith('rejected-'));
      });
    }
  });

  for (const [section, cases] of Object.entries(clockMatrix)) {
    describe(section, () => {
      for (const [name, it_] of Object.entries(cases)) {
        it(name, async function () {
          requireCommand(this, emulators[it_.machine?.split(' ')[0] ?? 'x86_64'] ?? '');
          await compare(clockCaseXml(name, it_));
        });
      }
    });
  }

  it('the TSC frequency of this host', async function () {
    const far = await driver.timeArguments(
      forThisHost(clockCaseXml('far', { timers: "<timer name='tsc' frequency='1000000'/>" })),
    );
    const frequency = 'rejected' in far ? /host frequency (\d+) Hz/.exec(far.rejected)?.[1] : undefined;
    requireFact(this, frequency !== undefined, 'this host scales its TSC, or its frequency is unknown');
    const { effectiveClock } = await compare(
      clockCaseXml('tsc', { timers: `<timer name='tsc' frequency='${frequency}'/>` }),
    );
    expect(effectiveClock.tscFrequencyHz).to.equal(Number(frequency));
  });
});
