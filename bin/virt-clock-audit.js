#!/usr/bin/env node
try {
  const { main } = await import('../dist/cli/main.js');
  const { crash, leave } = await import('../dist/cli/leave.js');
  // Node's own exit code for a crash is 1, which means warnings here.
  process.on('uncaughtException', crash);
  leave((await main(process.argv.slice(2))).exitCode);
} catch (error) {
  process.stderr.write(`virt-clock-audit: cannot start: ${error.message}\n`);
  process.exitCode = 3;
}
