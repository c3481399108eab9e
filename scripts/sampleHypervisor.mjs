// The embedded sample hypervisor: a libvirt test-driver node made of the fixtures, for machines without libvirtd.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ROOT, tell } from './prepare.mjs';

const FIXTURES = join(ROOT, 'test', 'fixtures', 'domxml');
/** The files of the domains that make up the sample: those that their expectations call one. */
const SAMPLE = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.expect.json'))
  .filter((name) => JSON.parse(readFileSync(join(FIXTURES, name), 'utf8')).sample === true)
  .map((name) => name.replace('.expect.json', '.xml'))
  .sort();
const NOTHING = { args: [], remove: () => undefined };
/** The commands that read a hypervisor; without a command it is an audit. */
const READING = new Set(['audit', 'remediate', 'collect']);
const CHOOSES_A_SOURCE = /^(-c|(--connect|--domxml|--from|-h|--help|-V|--version)(=|$))/;
const DEADLINE_SECONDS = 5;

/**
 * The arguments that make the tool audit the sample, or none where a daemon answers or the user chose a source.
 * @param {readonly string[]} args what the user passed
 */
export async function sampleFor(args) {
  const first = args.find((arg) => !arg.startsWith('-'));
  const reads = args[0]?.startsWith('-') || args.length === 0 || READING.has(first);
  if (!reads || args.some((arg) => CHOOSES_A_SOURCE.test(arg))) return NOTHING;

  const uri = process.env.LIBVIRT_DEFAULT_URI || 'qemu:///system';
  const refusal = await whyNot(uri);
  if (refusal === null) return NOTHING;
  tell(`No libvirt daemon to audit at ${uri}: ${refusal.message}`);
  if (refusal.name === 'LibvirtMissing') return fromFiles();
  const node = writeNode();
  const problem = await whyNot(node.uri);
  if (problem !== null) {
    node.remove();
    tell(`libvirt's test driver does not take the sample: ${problem.message}`);
    return fromFiles();
  }
  tell(
    `Auditing the embedded sample hypervisor instead: libvirt's test driver with ${SAMPLE.length} domains of`,
  );
  tell('test/fixtures/domxml, as if they ran on this machine.\n');
  return { args: ['--connect', node.uri, ...unlessSaid(args)], remove: node.remove };

  function fromFiles() {
    tell(
      `Auditing the embedded sample instead: ${SAMPLE.length} domains of test/fixtures/domxml, read as files,`,
    );
    tell('as if they ran on this machine.\n');
    const files = SAMPLE.flatMap((name) => ['--domxml', relative(process.cwd(), join(FIXTURES, name))]);
    return { args: [...files, ...unlessSaid(args)], remove: () => undefined };
  }
}

function unlessSaid(args) {
  return args.includes('--no-host') || args.includes('--host') ? [] : ['--host'];
}

async function whyNot(uri) {
  const { loadConnection } = await import(`${ROOT}/dist/cli/entry.js`);
  const { Connection } = await loadConnection();
  try {
    await (await Connection.open(uri, DEADLINE_SECONDS)).close();
    return null;
  } catch (error) {
    return error;
  }
}

/** Writes the node file of the test driver. */
function writeNode() {
  const directory = mkdtempSync(join(tmpdir(), 'virt-clock-audit-'));
  const domains = SAMPLE.map((name) => readFileSync(join(FIXTURES, name), 'utf8')).map(
    (xml) => /<domain[\s>].*<\/domain>/s.exec(xml)?.[0],
  );
  const path = join(directory, 'node.xml');
  writeFileSync(path, `<node>\n${domains.join('\n')}\n</node>\n`);
  return { uri: `test://${path}`, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
