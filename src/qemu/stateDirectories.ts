import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** The part of the environment that says where a user's own files are. */
export type UserEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Where libvirt's QEMU driver keeps the pid files of what it runs, `NAME.pid`, the likeliest directory first.
 * @param uri - of a hypervisor on this machine
 * @returns absolute paths; none when the URI is not one of the QEMU driver's
 * @see `virQEMUDriverConfigNew` in libvirt's src/qemu/qemu_conf.c, `stateDir`
 */
export function stateDirectories(uri: string, environment: UserEnvironment): string[] {
  const url = URL.canParse(uri) ? new URL(uri) : null;
  if (url === null || !/^qemu(\+(unix|tcp|tls))?:$/.test(url.protocol)) return [];
  const socket = url.searchParams.get('socket');
  const besideSocket = socket !== null && isAbsolute(socket) ? join(dirname(socket), 'qemu') : null;
  if (url.pathname === '/system') {
    const usual = ['/run/libvirt/qemu', '/var/run/libvirt/qemu'];
    return besideSocket === null || usual.includes(besideSocket) ? usual : [besideSocket, ...usual];
  }
  if (url.pathname === '/session') {
    return [join(besideSocket ?? join(runtimeDirectory(environment), 'libvirt', 'qemu'), 'run')];
  }
  const root = url.searchParams.get('root');
  return url.pathname === '/embed' && root !== null && isAbsolute(root) ? [join(root, 'run', 'qemu')] : [];
}

/** @see `g_get_user_runtime_dir` in GLib, which libvirt uses */
function runtimeDirectory({ XDG_RUNTIME_DIR, XDG_CACHE_HOME, HOME }: UserEnvironment): string {
  return XDG_RUNTIME_DIR || XDG_CACHE_HOME || join(HOME || homedir(), '.cache');
}
