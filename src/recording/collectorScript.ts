import { readFileSync } from 'node:fs';
import { stateDirectories } from '../qemu/stateDirectories.js';

/** What the collector is told before it is sent. */
export interface CollectorSettings {
  /** The hypervisor to ask; `qemu:///system` by default. */
  readonly connect?: string;
  /** What chronyc's `-h` takes there. */
  readonly chronyHost?: string;
  /** The longest wait for any one command, in seconds. */
  readonly timeout?: number;
}

/** The package's script: as far above src/recording as above dist/cli. */
const SCRIPT = '../../collector/collect.sh';
const DEFAULT_URI = 'qemu:///system';
const DEFAULT_SECONDS = 10;

/**
 * The shell script that records a machine, with its settings in front: for `sh -s` there, or to be kept.
 * @throws RangeError for a hypervisor or an address with a control character, of which the stream could not be one line
 * @throws Error when the package lacks it
 */
export function collectorScript({ connect, chronyHost, timeout }: CollectorSettings = {}): string {
  const uri = connect ?? DEFAULT_URI;
  for (const value of [uri, chronyHost ?? '']) {
    if (/\p{Cc}/u.test(value)) {
      throw new RangeError(`${JSON.stringify(value)} holds a control character, as no address does`);
    }
  }
  const settings: Readonly<Record<string, string>> = {
    virt_uri: uri,
    // Without the environment of a user, for that is there and not here.
    state_directories: stateDirectories(uri, { XDG_RUNTIME_DIR: '/run/user/UID' }).join('\n'),
    chrony_host: chronyHost ?? '',
    deadline: String(Math.ceil(timeout ?? DEFAULT_SECONDS)),
  };
  return Object.entries(settings).reduce(
    (script, [name, value]) => withSetting(script, name, value),
    readScript(),
  );
}

function withSetting(script: string, name: string, value: string): string {
  const line = new RegExp(`^${name}=.*$`, 'm');
  if (!line.test(script)) throw new Error(`collector/collect.sh has no setting ${name}`);
  return script.replace(line, () => `${name}='${value.replaceAll("'", "'\\''")}'`);
}

function readScript(): string {
  try {
    return readFileSync(new URL(SCRIPT, import.meta.url), 'utf8');
  } catch {
    throw new Error('collector/collect.sh is missing from the installed package; install it again');
  }
}
