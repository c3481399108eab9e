// A process of its own for NTP servers in another network namespace: each argument is the options of one, as JSON.
import { startNtpServer } from './ntpServer.js';

for (const options of process.argv.slice(2)) await startNtpServer(JSON.parse(options));
process.stdout.write('listening\n');
// The servers by themselves do not keep a process alive.
setInterval(() => undefined, 60_000);
