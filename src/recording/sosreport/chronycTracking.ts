const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const NUMBER = String.raw`[+-]?\d+(?:\.\d+)?`;

/**
 * Turns what `chronyc tracking` prints for people into the line that `chronyc -c tracking` prints: the same numbers, as far
 * as the former shows them.
 * @returns null for what is no such report
 * @see `process_cmd_tracking` and `print_report` in chrony's client.c
 */
export function trackingLine(text: string): string | null {
  const field = (name: string, form: string) =>
    new RegExp(`^${name} *: *${form}[ \\t]*$`, 'm').exec(text)?.slice(1) ?? null;
  const reference = field('Reference ID', String.raw`(\S+)(?: \((.*)\))?`);
  const stratum = field('Stratum', String.raw`(\d+)`);
  const time = field(
    String.raw`Ref time \(UTC\)`,
    String.raw`\S+ +(\w{3}) +(\d+) +(\d+):(\d+):(\d+) +(\d{4})`,
  );
  const system = field('System time', String.raw`(\d+\.\d+) seconds (fast|slow) of NTP time`);
  const seconds = (name: string) => field(name, `(${NUMBER}) seconds`)?.[0];
  const ppm = (name: string) => field(name, `(${NUMBER}) ppm`)?.[0];
  const frequency = field('Frequency', String.raw`(\d+\.\d+) ppm (fast|slow)`);
  const leap = field('Leap status', '(Normal|Insert second|Delete second|Not synchronised)')?.[0];
  const id = referenceId(reference?.[0] ?? '');
  if (!reference || !stratum || !time || !system || !frequency || !leap || id === null) return null;
  const referenceSeconds = epochSeconds(time);
  const numbers = [
    ...[stratum[0], referenceSeconds],
    // There the time is positive when the clock is slow, and the frequency when it is fast.
    system[1] === 'slow' ? system[0] : `-${system[0]}`,
    ...[seconds('Last offset'), seconds('RMS offset')],
    frequency[1] === 'fast' ? frequency[0] : `-${frequency[0]}`,
    ...[ppm('Residual freq'), ppm('Skew'), seconds('Root delay'), seconds('Root dispersion')],
    seconds('Update interval'),
  ];
  if (numbers.some((it) => it === undefined || it === null)) return null;
  return [id, reference[1] ?? '', ...numbers, leap].join(',');
}

/** Eight digits in base 16; before chrony 3.0 an address in dotted form, or the four letters of a reference clock. */
function referenceId(text: string): string | null {
  if (/^[0-9A-F]{8}$/i.test(text)) return text;
  const octets = text.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255))) return null;
  return Buffer.from(octets).toString('hex').toUpperCase();
}

function epochSeconds([month = '', day, hours, minutes, seconds, year]: readonly string[]): string | null {
  const at = MONTHS.indexOf(month);
  if (at < 0) return null;
  const milliseconds = Date.UTC(
    Number(year),
    at,
    Number(day),
    Number(hours),
    Number(minutes),
    Number(seconds),
  );
  return (milliseconds / 1000).toFixed(9);
}
