import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { projectRoot, runProcess } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';

/** Without a leak the growth was 1 to 4 MiB, with one of a kilobyte a call 15 to 40 MiB. */
const BOUND_MIB = 8;
const PROGRAM = pathToFileURL(join(projectRoot, 'dist', 'cli', 'entry.js')).href;

/** What the child process repeats; `connection`, `domain`, `uri` and `Connection` are in scope. */
const operations = {
  list: 'connection.release(await connection.list(0))',
  xml: 'if (!(await connection.xml(domain, 0)).endsWith("</domain>\\n")) throw new Error("no XML")',
  lookup: 'await failing(connection.lookup("x".repeat(500)), 42)',
  open: 'await (await Connection.open(uri, 60)).close()',
  'refused open': 'await failing(Connection.open("test:///" + "x".repeat(500), 60), 27)',
  'list without release': 'await connection.list(0)',
};

const script = (operation: string, calls: number) => `
  import { loadConnection } from ${JSON.stringify(PROGRAM)};
  const { Connection } = await loadConnection();
  const uri = process.argv[1];
  const connection = await Connection.open(uri, 60);
  const [domain] = await connection.list(0);
  async function failing(promise, code) {
    const error = await promise.then(() => null, (it) => it);
    if (error?.record?.code !== code) throw new Error('expected libvirt error ' + code + ', not ' + error);
  }
  const resident = () => (gc(), gc(), process.memoryUsage.rss());
  let settled = 0;
  for (let call = 0; call < ${calls}; call++) {
    if (call === ${calls / 5}) settled = resident();
    ${operation};
  }
  console.log((resident() - settled) / 2 ** 20);
  await connection.close();`;

describe('calls of libvirt', function () {
  this.timeout(60_000);
  const scratch = scratchDirectory('leaks');
  const node = join(scratch.path, 'node.xml');

  before(() => {
    const domains = Array.from(
      { length: 5 },
      (_, index) => `<domain type='test'><name>${String(index).repeat(200)}</name>
        <memory>65536</memory><os><type>hvm</type></os></domain>`,
    );
    writeFileSync(node, `<node>${domains.join('')}</node>`);
  });
  after(() => scratch.remove());

  /** How much the resident memory grows between the first fifth of the calls and their end. */
  async function growthMib(name: keyof typeof operations, calls: number): Promise<number> {
    const code = script(operations[name], calls);
    const args = ['--expose-gc', '--input-type=module', '--eval', code, `test://${node}`];
    const { exitCode, stdout, stderr } = await runProcess(process.execPath, args);
    expect(stderr).to.equal('');
    expect(exitCode).to.equal(0);
    return Number(stdout);
  }

  for (const [name, calls] of [
    ['list', 30_000],
    ['xml', 30_000],
    ['lookup', 25_000],
    ['refused open', 10_000],
    ['open', 5000],
  ] as const) {
    it(`do not leak: ${name}, ${calls} times`, async () => {
      expect(await growthMib(name, calls)).to.be.below(BOUND_MIB);
    });
  }

  it('would leak if listed domains were not released, which this measurement sees', async () => {
    expect(await growthMib('list without release', 30_000)).to.be.above(BOUND_MIB * 2);
  });
});
