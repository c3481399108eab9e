import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { projectRoot } from '../support/runTool.js';
import type { LabRun } from './labMachine.js';
import type { GuestTestimony } from './labReports.js';

/** The machines that docs/kvm-probe.md shows the output of `virt-clock-audit probe` on, in its order. */
export const SHOWN_MACHINES = {
  'test-machine': 'The machine that this was written on',
  'x86-tsc': 'An emulated hypervisor with kvm_amd and the clocksource tsc',
  'x86-hpet': 'The same with the clocksource hpet',
  'x86-acpi_pm': 'The same with the clocksource acpi_pm',
  arm64: 'An emulated ARM hypervisor',
} as const;
export type ShownMachine = keyof typeof SHOWN_MACHINES;

const PAGE = join(projectRoot, 'docs', 'kvm-probe.md');
const START = '<!-- lab -->';
const END = '<!-- /lab -->';

/** What the page says of one machine: the output word for word, and what the guest of it found out. */
export function shownSection(machine: ShownMachine, probe: LabRun, guest?: GuestTestimony): string {
  const output = ['```text', '$ virt-clock-audit probe', probe.stdout.trimEnd(), '```'];
  return [`### ${SHOWN_MACHINES[machine]}`, '', ...output, ...testimony(guest), ''].join('\n');
}

function testimony(guest: GuestTestimony | undefined): string[] {
  if (!guest) return [];
  const { insmod, ptpClock, stable } = guest;
  const clock = ptpClock === '' ? 'made no clock' : `made the clock '${ptpClock}'`;
  if (insmod === null) return ['', `In a guest of it, ptp_kvm, which is part of its kernel, ${clock}.`];
  const taken = stable ? 'took its kvm-clock for stable' : 'did not take its kvm-clock for stable';
  return ['', `In a guest of it, \`insmod ptp_kvm\` ended with ${insmod} and ${clock}; its kernel ${taken}.`];
}

/**
 * Compares a section with the one that is stored, but for what differs between two runs: numbers, and the line that
 * names the machine. Run the tests with UPDATE_GOLDEN=1 to write it anew, and the page with it.
 */
export function expectShown(machine: ShownMachine, section: string): void {
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(goldenPath(machine)), { recursive: true });
    writeFileSync(goldenPath(machine), section);
    writeFileSync(PAGE, pageWith(readFileSync(PAGE, 'utf8'), storedSections()));
  }
  expect(withoutNumbers(section)).to.equal(withoutNumbers(storedSection(machine)));
}

/** What stands between the marks of the page. */
export function shownOnPage(): string {
  const page = readFileSync(PAGE, 'utf8');
  return page.slice(page.indexOf(START) + START.length, page.indexOf(END)).trim();
}

/** All sections that are stored, one below the other. */
export function storedSections(): string {
  return Object.keys(SHOWN_MACHINES)
    .map((machine) => storedSection(machine as ShownMachine))
    .join('\n')
    .trim();
}

function storedSection(machine: ShownMachine): string {
  try {
    return readFileSync(goldenPath(machine), 'utf8');
  } catch {
    return '';
  }
}

function goldenPath(machine: ShownMachine): string {
  return join(projectRoot, 'test', 'golden', 'kvm-probe', `${machine}.md`);
}

function pageWith(page: string, sections: string): string {
  const start = page.indexOf(START);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new Error(`${PAGE} lacks the marks ${START} and ${END}`);
  return `${page.slice(0, start)}${START}\n\n${sections}\n\n${page.slice(end)}`;
}

function withoutNumbers(section: string): string {
  return section.replace(/^virt-clock-audit probe \| .*$/m, '').replace(/-?\d+(\.\d+)?/g, '#');
}
