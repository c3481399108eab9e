#!/usr/bin/env node
try {
  const { main } = await import('../dist/cli/main.js');
  const { crash, leave } = await import('../dist/cli/leave.js');
  // Node's own exit code for a crash is 1, which means warnings here.
  process.on('uncaughtException', crash);
  leave((await main(process.argv.slice(2))).exitCode);
} catch (error) {
  // Where nothing has been built yet, or packages are missing.
  const root = decodeURIComponent(new URL('..', import.meta.url).pathname);
  const reason =
    error.code === 'ERR_MODULE_NOT_FOUND'
      ? `it is not built, or packages are missing: run npm ci && npm run build in ${root}`
      : error.message;
  process.stderr.write(`virt-clock-audit: cannot start: ${reason}\n`);
  process.exitCode = 3;
}
