/** The commands whose output is read, as sos names the files: see `_mangle_command` in sos/report/plugins/__init__.py. */
const COMMANDS = [
  'chronyc_(?:-n_)?(?:tracking|sources|sourcestats)|chronyc_activity',
  'date|date_--utc|hostname|uname_-a|timedatectl',
  'ps_axo_pid_ppid_user_group_lwp_nlwp_start_time_comm_cgroup|ps_auxwwwm?',
  'ls_-[a-zA-Z]+_\\.var\\.lib\\.libvirt\\.qemu',
  'virsh_-r_(?:list_--all|version|capabilities|(?:dumpxml|dominfo)_[^/]*)',
];
const COMMAND = new RegExp(`^sos_commands/[\\w-]{1,64}/(?:${COMMANDS.join('|')})$`);

/** The files of the machine itself, which stand in a report below its top. */
const FILES = [
  /^etc\/(localtime|libvirt\/qemu\/[^/]+\.xml)$/,
  /^(var\/)?run\/libvirt\/qemu\/[^/]+\.xml$/,
  /^proc\/(cmdline|cpuinfo|sysinfo|xen\/capabilities|\d{1,10}\/status)$/,
  /^sys\/devices\/system\/clocksource\/clocksource0\/(current|available)_clocksource$/,
  /^sys\/module\/kvm\/parameters\/[^/]+$/,
  /^sys\/(class\/dmi\/id|devices\/virtual\/dmi\/id)\/(product_name|product_version|(sys|board|bios)_vendor)$/,
  /^sys\/hypervisor\/type$/,
  /^(etc|run|lib|usr\/lib)\/systemd\/system\/(.+\.(wants|requires)\/)?libvirt-guests\.service$/,
];

/** Links on the way to those files, which a report has as the machine had them. */
const LINKS = /^(etc\/localtime|lib|var\/run|sys\/class\/dmi\/id)$|\/libvirt-guests\.service$/;

/** Directories that are enough to tell that sos looked there. */
const SIGNS = [
  /^sos_commands$/,
  /^(etc|(var\/)?run)\/libvirt\/qemu$/,
  /^sys\/module\/[^/]+\/parameters$/,
  /^(etc|lib|usr\/lib)\/systemd\/system$/,
];

/**
 * Whether something of a report is of any use to an audit.
 * @param path - below the top of the report, such as `etc/localtime`
 */
export function isWanted(path: string, kind: 'file' | 'link' | 'directory'): boolean {
  if (kind === 'directory') return SIGNS.some((form) => form.test(path));
  if (kind === 'link') return LINKS.test(path);
  return COMMAND.test(path) || FILES.some((form) => form.test(path));
}

/** No file that is read is larger, but the list of a host's processes may come near. */
export const LARGEST_FILE_BYTES = 8 * 1024 * 1024;
/** A report with everything in it has some ten thousand. */
export const MOST_SEEN = 1_000_000;
/** Some for each domain, and one for each process. */
export const MOST_FILES = 50_000;
export const MOST_BYTES = 512 * 1024 * 1024;
