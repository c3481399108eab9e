import { cpuTimeFeatures } from './cpuTimeFeatures.js';
import { shellWords } from './shellWords.js';

// Every other option takes the next word as its value, whatever that looks like.
const optionsWithoutValue = new Set(
  (
    'h help version mem-prealloc audio-help snapshot no-fd-bootchk usb nographic curses portrait full-screen ' +
    'win2k-hack no-acpi no-hpet singlestep preconfig S s enable-kvm xen-attach xen-domid-restrict no-reboot ' +
    'no-shutdown daemonize nodefaults only-migratable no-user-config nouserconfig enable-sync-profile ' +
    'enable-fips semihosting old-param'
  ).split(' '),
);
const rtcKeys = ['base', 'clock', 'driftfix'];
const globals = ['kvm-pit.lost_tick_policy', 'mc146818rtc.lost_tick_policy'];
// libvirt writes (null) for a date beyond the year 9999.
const NO_DATE = 'base=(null)';
const date = /^base=\d+-\d\d-\d\d/;

export interface TimeArgumentOptions {
  /**
   * False where the RTC's base depends on when the domain starts: the date libvirt writes is then replaced by the
   * word `datetime`. True by default.
   */
  dateIsFixed?: boolean;
}

/**
 * The arguments of a QEMU command line (as `virsh domxml-to-native` prints it) that concern the guest's clocks,
 * each in one spelling and in a string of its own, in the order found.
 */
export function timeArgumentsOf(
  commandLine: string,
  { dateIsFixed = true }: TimeArgumentOptions = {},
): string[] {
  const words = shellWords(commandLine);
  const command = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const timezone = words.slice(0, command).filter((word) => word.startsWith('TZ='));
  return [...timezone, ...optionsOf(words.slice(command + 1)).flatMap(spell)];

  function spell([option, value]: Option): string[] {
    switch (option) {
      case 'rtc': {
        const kept = propertiesOf(value).filter((property) =>
          rtcKeys.some((key) => property.startsWith(`${key}=`)),
        );
        const spelt = kept.map((property) =>
          !dateIsFixed && (property === NO_DATE || date.test(property)) ? 'base=datetime' : property,
        );
        return spelt.length > 0 ? [`-rtc ${spelt.join(',')}`] : [];
      }
      case 'global':
        return globals.filter((name) => value.startsWith(`${name}=`)).map(() => `-global ${value}`);
      case 'machine':
      case 'M': {
        const hpet = propertiesOf(value).filter((property) => property.startsWith('hpet='));
        return hpet.map(
          (property) =>
            `-machine ${property.replace(/=(no|false|n)$/, '=off').replace(/=(yes|true|y)$/, '=on')}`,
        );
      }
      case 'cpu':
        return cpuTimeFeatures(value.split(',').slice(1)).map((setting) => `-cpu ${setting}`);
      case 'icount':
        return [`-icount ${value}`];
      case 'no-hpet':
        return ['-no-hpet'];
      default:
        return [];
    }
  }
}

/** Whether QEMU would refuse to start because of the date that libvirt writes: of several bases the last one counts. */
export function isDateRefused(commandLine: string): boolean {
  const words = shellWords(commandLine);
  const properties = optionsOf(words.slice(words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word)) + 1))
    .filter(([name]) => name === 'rtc')
    .flatMap(([, value]) => propertiesOf(value));
  return properties.findLast((property) => property.startsWith('base=')) === NO_DATE;
}

type Option = [name: string, value: string];

function optionsOf(words: readonly string[]): Option[] {
  const options: Option[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    // A word that is neither an option nor an option's value is a disk image.
    if (!word.startsWith('-')) continue;
    const name = word.replace(/^--?/, '');
    options.push([name, optionsWithoutValue.has(name) ? '' : (words[++at] ?? '')]);
  }
  return options;
}

/** QEMU separates properties by a comma and writes a literal comma twice; only those of a CPU know no literal one. */
function propertiesOf(value: string): string[] {
  return value
    .replaceAll(',,', '\0')
    .split(',')
    .map((property) => property.replaceAll('\0', ','));
}
