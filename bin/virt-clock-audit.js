#!/usr/bin/env node
// Node's own exit code for a crash is 1, which means warnings here.
process.on('uncaughtException', (error) => {
  process.stderr.write(`virt-clock-audit: internal error: ${error?.stack ?? error}\n`);
  process.reallyExit(3);
});

try {
  const { main } = await import('../dist/cli/main.js');
  const { leave } = await import('../dist/cli/leave.js');
  leave((await main(process.argv.slice(2))).exitCode);
} catch (error) {
  process.stderr.write(`virt-clock-audit: cannot start: ${error.message}\n`);
  process.exitCode = 3;
}
