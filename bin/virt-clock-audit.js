#!/usr/bin/env node
import { writeSync } from 'node:fs';

try {
  const { crash, leave, main } = await import('../dist/cli/entry.js');
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
  process.exitCode = 3;
  try {
    writeSync(2, `virt-clock-audit: cannot start: ${reason}\n`);
  } catch {
    // Where the disk below standard error is full, the code still tells.
  }
}
