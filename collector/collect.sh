#!/bin/sh
# virt-clock-audit: writes down what an audit reads of a hypervisor, as one stream on standard output.
#
# It only reads. It writes no file, installs nothing and needs no more than a POSIX shell, awk, sed and of coreutils or
# busybox date, head, id, ls, od, readlink, sort, tr and uname. Run it as root; another user sees less. The stream is
# described in docs/recording.md:
#
#   sh collect.sh > compute7.recording
#   virt-clock-audit audit --from compute7.recording
#
# It records no environment but TZ, and no passwords of VNC and SPICE. It does record the definitions of domains.

# What may be set: the hypervisor, where its QEMU keeps pid files (one a line), chronyc's -h, seconds for each command.
virt_uri='qemu:///system'
state_directories='/run/libvirt/qemu'
chrony_host=''
deadline='10'

set -u
umask 077
LC_ALL=C
LANG=C
TZ=UTC
# The system's own programs first, and no directory that depends on where this was started.
inherited_path=${PATH-}
PATH=/usr/bin:/usr/sbin:/bin:/sbin:/usr/local/bin:/usr/local/sbin
set -f
IFS=:
for entry in $inherited_path; do
  case $entry in /*) PATH=$PATH:$entry ;; esac
done
unset IFS
set +f
export LC_ALL LANG TZ PATH
unset LIBVIRT_DEBUG LIBVIRT_LOG_FILTERS LIBVIRT_LOG_OUTPUTS LIBVIRT_AUTH_FILE VIRSH_DEBUG VIRSH_LOG_FILE

newline='
'
records=0
nonce=
uid=
encoding=base64
have_timeout=no
globs=on
time_daemons=
libvirt_pids=
virsh_way=
virsh_said=
ended=
answer=
silent=0
silent_states=0
tries=0
stuck=
engine=
container=
prefix=
qemu_pids=
want_capabilities=no

# --- The stream -------------------------------------------------------------------------------------------------------

record() { # KIND [WORDS]
  records=$((records + 1))
  printf '@%s\n' "$1${2+ $2}"
}

# The last command of a pipeline, whose failure is to be recorded: a body that broke off looks like a whole one.
encode() {
  if [ "$encoding" = base64 ]; then base64; else od -An -v -tx1; fi
}

cut_off() {
  record cut
}

one_line() { # TEXT
  case $1 in *"$newline"*) return 1 ;; esac
}

opens() { # PATH
  { true; } 2>/dev/null <"$1"
}

# Some files open and cannot be read, as on a disk that fails: these are not to be taken for empty ones.
reads() { # PATH
  { head -c 1 >/dev/null; } 2>/dev/null <"$1"
}

# Splits text at line breaks alone, and leaves * and ? in it as they are, until "words" takes that back.
lines() {
  case $- in *f*) globs=off ;; *) globs=on ;; esac
  set -f
  IFS=$newline
}

words() {
  unset IFS
  if [ "$globs" = on ]; then set +f; fi
}

# A small file of text, mostly the kernel's. Without starting a program, for there are thousands of them.
text() { # PATH [PATH TO SHOW]
  [ -f "$1" ] && one_line "${2:-$1}" || return 1
  begun=
  line=
  while IFS= read -r line; do
    [ -n "$begun" ] || record text "${2:-$1}"
    begun=yes
    printf '=%s\n' "$line"
    line=
  done 2>/dev/null <"$1"
  # A read that fails looks like the end of an empty file.
  if [ -z "$begun$line" ] && ! reads "$1"; then
    not_read "$1" "${2:-$1}"
    return
  fi
  [ -n "$begun" ] || record text "${2:-$1}"
  [ -z "$line" ] || printf '~%s\n' "$line"
}

# What a process had may have gone with it since it was found.
not_read() { # PATH PATH TO SHOW
  [ -f "$1" ] && record unreadable "$2"
}

# Any other file.
file() { # PATH BYTES
  [ -f "$1" ] && one_line "$1" || return 1
  if ! reads "$1"; then
    not_read "$1" "$1"
    return
  fi
  record file "$1"
  lost=$({
    { head -c "$2" 2>/dev/null <"$1" || [ ! -f "$1" ] || printf cut >&2; } | { encode 2>/dev/null >&3 || printf cut >&2; }
  } 2>&1 3>&4 4>&-)
  [ -z "$lost" ] || cut_off
}

link() { # PATH TARGET
  one_line "$1$2" || return 1
  record link "$1"
  printf '=%s\n' "$2"
}

link_as_it_is() { # PATH
  link "$1" "$(readlink "$1")"
}

present() { # PATH
  if one_line "$1"; then record present "$1"; fi
}

directory() { # PATH
  if one_line "$1"; then record directory "$1"; fi
}

# Where a path leads in the end; empty where it leads nowhere.
real() { # DIRECTORY
  (CDPATH='' cd -P -- "$1" 2>/dev/null && pwd -P)
}

limited() { # COMMAND…
  if [ "$have_timeout" = yes ]; then timeout -k 2 "$deadline" "$@"; else "$@"; fi
}

# Whether timeout(1) ended a command; the one of busybox leaves it its signal's code.
is_hung() { # EXIT-CODE
  case $1 in
    124 | 137 | 143) return 0 ;;
  esac
  return 1
}

# How a command ends and what it says, on both outputs.
run() { # here|container COMMAND ARGUMENTS…
  way=$1
  shift
  status=missing
  record run "$*"
  if [ "$way" = here ] && ! command -v "$1" >/dev/null 2>&1; then
    record ran missing
    return
  fi
  said=$({
    {
      case $way in
        here) limited "$@" </dev/null ;;
        *) limited "$engine" exec "$container" "$@" </dev/null ;;
      esac
      printf '\nended:%s' "$?" >&2
    } 3>&- | head -c 262145 | { encode >&3 || printf '%s' "$nonce:cut:" >&2; }
  } 2>&1 3>&4 4>&-)
  case $said in *"$nonce:cut:"*) cut_off ;; esac
  status=${said##*ended:}
  status=${status%%[!0-9]*}
  if is_hung "$status"; then record ran hung; else
    case $status in
      126) record ran denied ;;
      *) record ran "$status" ;;
    esac
  fi
  printf '%s\n' "${said%ended:*}" | head -c 4096 | encode || cut_off
}

# --- The machine ------------------------------------------------------------------------------------------------------

facts() {
  record fact "hostname $(uname -n)"
  record fact "architecture $(uname -m)"
  record fact "kernel $(uname -r)"
  record fact "uid $uid"
  record fact "deadline $deadline"
  if [ -n "$chrony_host" ] && one_line "$chrony_host"; then record fact "chrony-host $chrony_host"; fi
  record fact "clock $(date +%s.%N)"
}

hardware_clocks() {
  directory /sys/class
  [ -d /sys/class/rtc ] || return 0
  directory /sys/class/rtc
  for clock in /sys/class/rtc/rtc[0-9]*; do
    [ -d "$clock" ] || continue
    text "$clock/hctosys"
    text "$clock/name"
    [ -f "$clock/since_epoch" ] || continue
    before=$(date +%s.%N)
    seconds=
    { IFS= read -r seconds; } 2>/dev/null <"$clock/since_epoch"
    after=$(date +%s.%N)
    if [ -z "$seconds" ]; then
      record unreadable "$clock/since_epoch"
      continue
    fi
    record text "$clock/since_epoch"
    printf '=%s\n' "$seconds"
    record fact "hardware-clock $clock $before $after"
  done
}

kernel_files() {
  file /proc/cpuinfo 32768
  for path in /proc/cmdline /proc/sysinfo /proc/xen/capabilities /sys/hypervisor/type; do text "$path"; done
  for path in hypervisor/compatible compatible ibm,partition-name; do file "/proc/device-tree/$path" 65536; done
  if [ -d /proc/device-tree ]; then directory /proc/device-tree; fi
  for path in product_name sys_vendor board_vendor bios_vendor product_version; do text "/sys/class/dmi/id/$path"; done
  for path in current_clocksource available_clocksource; do
    text "/sys/devices/system/clocksource/clocksource0/$path"
  done
  for path in kvmclock_periodic_sync tsc_tolerance_ppm; do text "/sys/module/kvm/parameters/$path"; done
}

# Over however many links; a circle of them, and a directory that this user may not look into, do not.
leads_nowhere() { # LINK
  at=$1
  links=0
  while [ -L "$at" ] && [ "$links" -lt 40 ]; do
    links=$((links + 1))
    to=$(readlink "$at") || return 1
    case $to in
      /*) at=$to ;;
      *) at=${at%/*}/$to ;;
    esac
  done
  [ "$links" -gt 0 ] && [ ! -L "$at" ] && [ ! -e "$at" ] && { [ "$uid" = 0 ] || [ -x "${at%/*}" ]; }
}

# The link's own words name the zone. Where they name none, what it leads to counts, over however many links.
local_time() {
  path=/etc/localtime
  target=$(readlink "$path" 2>/dev/null)
  case $target in
    *zoneinfo/?*) if link "$path" "$target"; then return; fi ;;
  esac
  if file "$path" 65536; then return; fi
  # What leads nowhere is no zone, as if it were not there.
  if leads_nowhere "$path"; then return; fi
  # Something else than a file is no zone, and neither is it none.
  if [ -L "$path" ] && link "$path" "$target"; then return; fi
  if [ -L "$path" ] || [ -e "$path" ]; then record unreadable "$path"; fi
}

time_files() {
  local_time
  file /etc/adjtime 4097
  file /usr/share/zoneinfo/leap-seconds.list 65537
  file /usr/share/zoneinfo/leapseconds 65537
  if [ -e /run/systemd/timesync/synchronized ]; then present /run/systemd/timesync/synchronized; fi
}

libvirt_guests() {
  unit=libvirt-guests.service
  for place in /etc/systemd/system /run/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
    if [ -L "$place/$unit" ]; then link_as_it_is "$place/$unit"; elif [ -f "$place/$unit" ]; then present "$place/$unit"; fi
    for wish in "$place"/*.wants/"$unit" "$place"/*.requires/"$unit"; do
      if [ -e "$wish" ] || [ -L "$wish" ]; then present "$wish"; fi
    done
  done
  file /usr/libexec/libvirt-guests.sh 65537
  file /usr/lib/libvirt/libvirt-guests.sh 65537
  for place in default sysconfig conf.d; do file "/etc/$place/libvirt-guests" 65537; done
  if [ -f /etc/init.d/libvirt-guests ]; then present /etc/init.d/libvirt-guests; fi
}

ptp_device() { # WHAT IS ON IT
  device=$(real "$1/device")
  [ -n "$device" ] || return 1
  directory "$device"
  if [ "$device" != "$1/device" ]; then link "$1/device" "$device"; fi
  driver=$(real "$device/driver")
  if [ -n "$driver" ] && [ "$driver" != "$device/driver" ]; then link "$device/driver" "$driver"; fi
  for interface in "$device"/net/*; do
    if [ -e "$interface" ]; then directory "$interface"; fi
  done
}

ptp_clocks() {
  [ -d /sys/class/ptp ] || return 0
  directory /sys/class/ptp
  for clock in /sys/class/ptp/ptp[0-9]*; do
    place=$(real "$clock")
    [ -n "$place" ] || continue
    if [ "$place" = "$clock" ]; then directory "$clock"; else link "$clock" "$place"; fi
    text "$place/clock_name"
    if ptp_device "$place"; then ptp_device "$device" || continue; fi
  done
  for interface in /sys/class/net/*; do
    phy=$(real "$interface/phydev")
    if [ -n "$phy" ]; then link "$interface/phydev" "$phy"; fi
  done
}

# --- Processes --------------------------------------------------------------------------------------------------------

# Looks at every process once, by its name alone.
find_processes() {
  text /proc/1/comm
  for process in /proc/[0-9]*; do
    comm=
    { IFS= read -r comm; } 2>/dev/null <"$process/comm"
    case $comm in
      chronyd | ntpd | ntp-daemon | systemd-timesyn | phc2sys | ptp4l | ts2phc | ptpd | sfptpd | timemaster)
        time_daemons="$time_daemons ${process#/proc/}:$comm"
        ;;
      libvirtd | virtqemud) libvirt_pids="$libvirt_pids ${process#/proc/}" ;;
    esac
  done
}

# A process's users, its capabilities, and whether its numbers of users are the machine's own.
rights_of() { # PID
  owners=
  capabilities=
  while read -r key value rest; do
    case $key in
      Uid:) owners="$value $rest" ;;
      CapEff:) capabilities=$value ;;
    esac
  done 2>/dev/null <"/proc/$1/status"
  mapped=
  { read -r mapped; } 2>/dev/null <"/proc/$1/uid_map"
  # shellcheck disable=SC2086
  set -- $mapped
  # A kernel without user namespaces has no such file.
  [ $# -eq 0 ] || [ "$*" = '0 0 4294967295' ]
}

# Whether a process may set the clock; a name alone is anybody's to take.
may_set_clock() { # PID
  rights_of "$1" || return 1
  # CAP_SYS_TIME is bit 25: the second one of the seventh digit from the right.
  case $capabilities in
    '' | *[2367abef]??????) return 0 ;;
  esac
  return 1
}

# Whether a process is as mighty as root on the machine: only then is what it calls virsh run, and are its files read.
# Anybody can start a process of any name in a mount namespace of his own.
is_mighty() { # PID
  rights_of "$1" || return 1
  # shellcheck disable=SC2086
  set -- $owners
  [ "$*" = '0 0 0 0' ] || return 1
  # CAP_SYS_ADMIN is bit 21: the second one of the sixth digit from the right.
  case $capabilities in
    *[2367abef]?????) return 0 ;;
  esac
  return 1
}

open_files() { # PID
  if listing=$(ls -l "/proc/$1/fd" 2>/dev/null); then directory "/proc/$1/fd"; else
    # A process that ended has no directory; one whose files nobody may see has one.
    if [ -d "/proc/$1" ]; then record unreadable "/proc/$1/fd"; fi
    return
  fi
  printf '%s\n' "$listing" | sed -n 's|^.* \([0-9][0-9]*\) -> \(/dev/ptp[0-9]*\)$|\1 \2|p
s|^.* \([0-9][0-9]*\) -> \(socket:\[[0-9]*\]\)$|\1 \2|p'
}

daemon_process() { # PID NAME
  for path in comm status uid_map; do text "/proc/$1/$path"; done
  file "/proc/$1/cmdline" 65536
  descriptors=$(open_files "$1")
  # The records that it printed are counted here, for it ran in a subshell.
  lines
  for line in $descriptors; do
    case $line in
      @*) record "${line#@}" ;;
      *) link "/proc/$1/fd/${line%% *}" "${line#* }" ;;
    esac
  done
  words
}

# The settings of linuxptp that an audit looks at, and no other line, for a command line may name any file.
linuxptp_settings() { # FILE
  head -c 65536 <"$1" 2>/dev/null | awk '
    { sub(/^[ \t]+/, ""); sub(/[ \t\r]+$/, "") }
    /^\[/ { global = ($0 == "[global]"); if (global) print; next }
    global && $1 ~ /^(uds_address|domainNumber|transportSpecific|time_stamping|free_running|clock_servo)$/'
}

# Takes a command line apart as getopt_long(3) does: the file, and what says where ptp4l answers.
linuxptp_options() { # PID LETTERS-WITH-A-VALUE
  { printf '%s\n' "$2"; tr '\000' '\n' <"/proc/$1/cmdline" 2>/dev/null; } | head -c 65536 | awk '
    NR == 1 { valued = $0; next }
    NR == 2 || stop { next }
    want != "" { value[want] = $0; want = ""; next }
    $0 == "--" { stop = 1; next }
    /^--/ {
      name = substr($0, 3); at = index(name, "=")
      if (at) value[substr(name, 1, at - 1)] = substr(name, at + 1); else want = name
      next
    }
    /^-/ {
      for (i = 2; i <= length($0); i++) {
        letter = substr($0, i, 1)
        if (!index(valued, letter)) continue
        if (i < length($0)) value[letter] = substr($0, i + 1); else want = letter
        break
      }
    }
    END { print "=" value["f"]; print "=" value["uds_address"]; print "=" value["domainNumber"]; print "=" value["transportSpecific"] }'
}

setting() { # NAME, of the settings on standard input; the last one counts
  awk -v name="$1" '$1 == name { $1 = ""; sub(/^ /, ""); value = $0 } END { print value }'
}

whole_number() { # TEXT; 0 for what is none
  case $1 in
    0[xX][0-9a-fA-F] | 0[xX][0-9a-fA-F][0-9a-fA-F]) printf '%d' "$1" ;;
    [1-9] | [1-9][0-9] | [1-9][0-9][0-9]) printf '%s' "$1" ;;
    *) printf 0 ;;
  esac
}

linuxptp_process() { # PID NAME
  name=$2
  case $name in
    ptp4l) options=$(linuxptp_options "$1" fipl) ;;
    *) options=$(linuxptp_options "$1" cdfsEPISFRNOLMiunzlt) ;;
  esac
  lines
  # Each is a word, for each begins with a sign.
  # shellcheck disable=SC2086
  set -- $options
  words
  config=${1#=}
  socket=${2#=}
  domain=${3#=}
  transport=${4#=}
  settings=
  case $config in
    /*)
      # The reader looks for it by its plain path, and is to find what the process itself has read.
      if [ -f "$config" ] && reads "$config"; then
        settings=$(linuxptp_settings "$config")
        record file "$(plain_path "$config")"
        printf '%s\n' "$settings" | encode || cut_off
      elif [ -f "$config" ]; then
        record unreadable "$(plain_path "$config")"
      fi
      ;;
  esac
  [ "$name" = ptp4l ] || return 0
  [ -n "$socket" ] || socket=$(printf '%s\n' "$settings" | setting uds_address)
  [ -n "$domain" ] || domain=$(printf '%s\n' "$settings" | setting domainNumber)
  [ -n "$transport" ] || transport=$(printf '%s\n' "$settings" | setting transportSpecific)
  domain=$(whole_number "$domain")
  transport=$(whole_number "$transport")
  set -- -u -b 0
  case $socket in /*) if [ "${#socket}" -le 107 ]; then set -- "$@" -s "$socket"; fi ;; esac
  if [ "$domain" -gt 0 ] && [ "$domain" -lt 256 ]; then set -- "$@" -d "$domain"; fi
  if [ "$transport" -gt 0 ] && [ "$transport" -lt 256 ]; then set -- "$@" -t "$(printf '%x' "$transport")"; fi
  run here pmc "$@" 'GET PORT_DATA_SET' 'GET TIME_STATUS_NP'
}

# Whether to try a way into a container: no more than a few, none again that hung, and each with a sign of life.
may_try() { # docker|podman|crictl|nsenter
  [ "$tries" -lt 8 ] || return 1
  case " $stuck " in *" $1 "*) return 1 ;; esac
  command -v "$1" >/dev/null 2>&1 || return 1
  tries=$((tries + 1))
  record trying "$1"
}

# chronyd may run in a container with the only chronyc there is. Anybody can start a process of that name.
find_chronyc() {
  way=here
  ! command -v chronyc >/dev/null 2>&1 || return 0
  tries=0
  tried=
  for entry in $time_daemons; do
    pid=${entry%%:*}
    { [ "${entry#*:}" = chronyd ] && elsewhere "$pid" && may_set_clock "$pid" && [ -n "$capabilities" ]; } || continue
    container=$(container_of "$pid")
    [ -n "$container" ] || container=chrony
    case " $tried " in *" $container "*) continue ;; esac
    tried="$tried $container"
    for engine in docker podman crictl; do
      may_try "$engine" || continue
      limited "$engine" exec "$container" chronyc -v >/dev/null 2>&1 </dev/null
      ended=$?
      if [ "$ended" -eq 0 ]; then
        way=container
        return 0
      fi
      if is_hung "$ended"; then stuck="$stuck $engine"; fi
    done
  done
}

ask_chronyd() {
  find_chronyc
  set -- -c -n -m
  if [ -n "$chrony_host" ]; then set -- -h "$chrony_host" "$@"; fi
  run "$way" chronyc "$@" tracking sources sourcestats activity
  case $status in
    0 | missing) ;;
    *) is_hung "$status" || run "$way" chronyc "$@" tracking sources ;;
  esac
}

ask_time_daemons() {
  ask_chronyd
  sockets=$(printf '%s\n' "$chrony_host" | awk '
    NR == 1 { host = $0; next }
    index($0, "/chronyd.sock") || (host != "" && index($0, host)) { print }' - /proc/net/unix 2>/dev/null | head -n 100)
  if [ -n "$sockets" ]; then
    record file /proc/net/unix
    printf '%s\n' "$sockets" | encode || cut_off
  fi
  asked=
  for entry in $time_daemons; do
    pid=${entry%%:*}
    name=${entry#*:}
    daemon_process "$pid" "$name"
    may_set_clock "$pid" || continue
    case $name in
      ptp4l | phc2sys) linuxptp_process "$pid" "$name" ;;
      ntpd)
        case $asked in *ntpd*) continue ;; esac
        asked="$asked ntpd"
        run here ntpq -n -c rv -c peers
        ;;
      systemd-timesyn)
        case $asked in *timesyncd*) continue ;; esac
        asked="$asked timesyncd"
        run here busctl --system --auto-start=no get-property org.freedesktop.timesync1 \
          /org/freedesktop/timesync1 org.freedesktop.timesync1.Manager \
          ServerName ServerAddress PollIntervalUSec NTPMessage
        ;;
    esac
  done
}

# --- QEMU -------------------------------------------------------------------------------------------------------------

elsewhere() { # PID: whether it lives in another mount namespace
  there=$(readlink "/proc/$1/ns/mnt" 2>/dev/null)
  [ -n "$there" ] && [ "$there" != "$(readlink /proc/self/ns/mnt 2>/dev/null)" ]
}

# The root of the container where libvirt keeps a directory, which may be there on the host as well, and empty.
root_of() { # DIRECTORY
  if [ -n "$prefix" ] && [ -d "$prefix$1" ]; then printf '%s' "$prefix"; fi
}

# Whether a link is on the way down from the root of a container: an absolute one leads out of it, into the host.
leads_out() { # ROOT PATH
  [ -n "$1" ] || return 1
  below=$2
  while [ -n "$below" ]; do
    [ ! -L "$1$below" ] || return 0
    below=${below%/*}
  done
  return 1
}

remember_process() { # PID DEPTH
  case $1 in '' | *[!0-9]*) return ;; esac
  [ -d "/proc/$1" ] || return
  case " $qemu_pids " in *" $1 "*) return ;; esac
  qemu_pids="$qemu_pids $1"
  text "/proc/$1/stat"
  children=
  { IFS= read -r children; } 2>/dev/null <"/proc/$1/task/$1/children"
  # Where the emulator is a script, QEMU is its child.
  [ -n "$children" ] && [ "$2" -lt 3 ] || return
  text "/proc/$1/task/$1/children"
  for child in $children; do remember_process "$child" $(($2 + 1)); done
}

qemu_processes() {
  directories=
  lines
  for place in $state_directories; do
    case $place in
      /run/user/UID/*)
        case ${XDG_RUNTIME_DIR-} in
          /*) place=$XDG_RUNTIME_DIR${place#/run/user/UID} ;;
          *) place=/run/user/$uid${place#/run/user/UID} ;;
        esac
        ;;
    esac
    # A slash too many in a user's own settings is no mistake.
    if one_line "$place"; then directories="$directories$(plain_path "$place")$newline"; fi
  done
  for place in $directories; do
    words
    record states "$place"
    from=$(root_of "$place")
    ! leads_out "$from" "$place" || continue
    for path in "$from$place"/*.pid "$from$place"/.*.pid; do
      # The daemon's own is beside those of its domains, which have a status file each.
      { [ -f "$path" ] && [ ! -L "$path" ] && [ -f "${path%.pid}.xml" ]; } || continue
      text "$path" "${path#"$from"}"
      pid=
      { IFS= read -r pid; } 2>/dev/null <"$path"
      remember_process "$pid" 0
    done
  done
  words
  [ -n "$qemu_pids" ] || return 0
  for pid in $qemu_pids; do
    if ! opens "/proc/$pid/environ"; then record unreadable "/proc/$pid/environ"; fi
  done
  words=$(process_words | head -c 67108864)
  zones "$(printf '%s\n' "$words" | sed -n 's/^TZ=//p' | sort -u)"
  record processes
  printf '%s\n' "$words" | encode || cut_off
}

# Command lines and the TZ of environments, a word a line; a line break inside of a word becomes the byte 1.
process_words() {
  {
    printf '%s\n' "$nonce"
    for process in $qemu_pids; do
      printf '\n%s:cmdline:%s:\n' "$nonce" "$process"
      tr '\000\n' '\n\001' <"/proc/$process/cmdline"
      opens "/proc/$process/environ" || continue
      printf '\n%s:environ:%s:\n' "$nonce" "$process"
      tr '\000\n' '\n\001' <"/proc/$process/environ"
    done
    printf '\n%s:end:\n' "$nonce"
  } 2>/dev/null | clock_words
}

# Of each command line what has a say in the guest's clock, and what shows whose it is; of each environment the first TZ.
# All else may hold secrets. The options are those of src/facts/qemuOptions.ts.
clock_words() {
  awk '
    function of_cpu(value, parts, count, i, kept) {
      count = split(value, parts, ",")
      kept = parts[1]
      for (i = 2; i <= count; i++) if (parts[i] ~ /^[+-]?(kvm|hv[-_]|hypervisor|tsc[-_]freq|invtsc|migratable)/) kept = kept "," parts[i]
      return kept
    }
    function is_clocks(value) { return value ~ /^(kvm-pit|mc146818rtc|[A-Za-z0-9_.-]*cpu)\.|driver=/ }
    function take(value) {
      if (option == "-uuid") print (value ~ /^[0-9A-Fa-f-]*$/ && length(value) == 36) ? value : "(not shown)"
      else if (option == "-cpu") print of_cpu(value)
      else if (option in clock && (option != "-global" || is_clocks(value))) print value
      else print "(not shown)"
    }
    BEGIN {
      count = split("-h -help -version -mem-prealloc -audio-help -snapshot -no-fd-bootchk -usb -nographic -curses -portrait -full-screen -win2k-hack -no-acpi -no-hpet -singlestep -preconfig -S -s -enable-kvm -xen-attach -xen-domid-restrict -no-reboot -no-shutdown -daemonize -nodefaults -only-migratable -no-user-config -nouserconfig -enable-sync-profile -enable-fips -semihosting -old-param -no-kvm -sdl -async-teardown -perfmap -jitdump", names, " ")
      for (i = 1; i <= count; i++) flag[names[i]] = 1
      count = split("-rtc -cpu -machine -accel -enable-kvm -global -no-hpet -icount -readconfig", names, " ")
      for (i = 1; i <= count; i++) clock[names[i]] = 1
    }
    NR == 1 { nonce = $0 ":"; next }
    index($0, nonce) == 1 { print; environment = (index($0, nonce "environ:") == 1); found = 0; word = 0; option = ""; next }
    environment { if (!found && substr($0, 1, 3) == "TZ=") { print; found = 1 } next }
    { word++ }
    word == 1 { print; next }
    option != "" {
      if (option == "-global" && shown == "" && is_clocks($0)) print raw
      if (shown != "" || (option == "-global" && is_clocks($0))) take($0)
      option = ""
      next
    }
    /^-/ {
      raw = $0
      option = (substr($0, 1, 2) == "--") ? substr($0, 2) : $0
      if (option == "-M") option = "-machine"
      # Whether a -global is one of the clock is told by its value.
      shown = (word == 2 || (option in clock && option != "-global") || option == "-uuid") ? $0 : ""
      if (shown != "") print shown
      if (option in flag) option = ""
      next
    }
    word == 2 { print (/^\//) ? $0 : "(not shown)" }'
}

# A path without empty parts, . and .., as a reader that knows nothing of links takes it.
plain_path() { # ABSOLUTE PATH
  case $1/ in
    *//* | */./* | */../*) ;;
    *)
      printf '%s' "$1"
      return
      ;;
  esac
  printf '%s\n' "$1" | awk -F/ '{
    depth = 0
    for (i = 1; i <= NF; i++) {
      if ($i == "..") { if (depth > 0) depth-- }
      else if ($i != "" && $i != ".") part[++depth] = $i
    }
    for (i = 1; i <= depth; i++) printf "/%s", part[i]
  }'
}

# The zones that definitions and processes name: whether the C library has them, and nothing else of those files.
zones() { # NAMES, one a line
  lines
  for zone in $1; do
    zone=${zone#:}
    case $zone in
      '' | */) continue ;;
      /*) path=$(plain_path "$zone") ;;
      *)
        path=$(plain_path "/usr/share/zoneinfo/$zone")
        case $path in /usr/share/zoneinfo/*) ;; *) continue ;; esac
        ;;
    esac
    [ -f "$path" ] || continue
    # A definition may name any file, and some there wait, or change by being read.
    case $(readlink -f "$path" 2>/dev/null) in
      /usr/share/zoneinfo/* | /etc/*) ;;
      /proc/* | /sys/* | /dev/*) continue ;;
      *)
        record unreadable "$path"
        continue
        ;;
    esac
    if [ ! -r "$path" ] || ! limited head -c 1 <"$path" >/dev/null 2>&1; then
      record unreadable "$path"
    elif [ "$(limited head -c 4 <"$path" 2>/dev/null | tr -d '\000')" = TZif ]; then
      record zone "$path"
    fi
  done
  words
}

# --- Domains ----------------------------------------------------------------------------------------------------------

virsh_there() { # ARGUMENTS…
  case $virsh_way in
    here) limited virsh "$@" ;;
    container) limited "$engine" exec "$container" virsh "$@" ;;
    *) limited nsenter -t "$virsh_way" -m -- virsh "$@" ;;
  esac 2>&1 </dev/null
}

# Several commands through one virsh, with marks between their answers: a process for each would take minutes.
ask_virsh() { # COMMANDS
  answer=$({
    virsh_there -r -q -c "$virt_uri" "$1 echo $nonce:done:"
    printf '\n%s' "$?"
  } | head -c 67108864)
  ended=${answer##*"$newline"}
  answer=${answer%"$newline"*}
  case $answer in *"$nonce:done:"*) return 0 ;; esac
  return 1
}

# Takes out passwords of VNC and SPICE, which files hold, and arguments and variables of QEMU that look like secrets.
# An element at a time, and what is quoted over several; src/facts/secrets.ts does the same.
without_secrets() {
  awk -v nonce="$nonce" '
    function masked(text, name, always, shown, whole) {
      shown = ""
      while (match(text, space name space "*=" space "*(\"[^\"]*\"|\047[^\047]*\047)")) {
        whole = substr(text, RSTART, RLENGTH)
        shown = shown substr(text, 1, RSTART - 1)
        text = substr(text, RSTART + RLENGTH)
        if (always || tolower(whole) ~ /secret|passw/) {
          match(whole, "=" space "*")
          whole = substr(whole, 1, RSTART + RLENGTH - 1) "\047(not shown)\047"
        }
        shown = shown whole
      }
      return shown text
    }
    function variables(text, shown, whole) {
      shown = ""
      while (match(text, "<([A-Za-z0-9_.-]*:)?env" space "[^<]*")) {
        whole = substr(text, RSTART, RLENGTH)
        shown = shown substr(text, 1, RSTART - 1)
        text = substr(text, RSTART + RLENGTH)
        if (match(whole, space "name" space "*=" space "*(\"[^\"]*\"|\047[^\047]*\047)") && tolower(substr(whole, RSTART, RLENGTH)) ~ /secret|passw/) whole = masked(whole, "value", 1)
        shown = shown whole
      }
      return shown text
    }
    # A tag is far shorter than that, and looking through longer texts would take its square.
    function show(text) {
      while (length(text) > 32768) {
        hide(substr(text, 1, 32768))
        text = substr(text, 32769)
      }
      hide(text)
    }
    function hide(text) {
      if (tolower(text) ~ /secret|passw/) text = variables(masked(masked(text, "passwd", 1), "value", 0))
      printf "%s", text
    }
    BEGIN { RS = "<"; space = "[ \t\r\n\f\v]"; open = space "(passwd|value)" space "*=" space "*(\"[^\"]*|\047[^\047]*)$" }
    {
      text = left (NR > 1 ? "<" : "") $0
      left = ""
      # What one part leaves open is not closed by the next one.
      while ((at = index(substr(text, 2), nonce)) > 0) {
        show(substr(text, 1, at))
        text = substr(text, at + 1)
      }
      if (length(text) < 8192 && text ~ /value|passwd/ && text ~ open) left = text
      else show(text)
    }
    END { show(left) }'
}

print_answer() { # WHAT IT IS ABOUT
  case $answer in
    *"$nonce:done:"*) ;;
    *) if is_hung "$ended"; then record virsh-hung "$1"; fi ;;
  esac
  record virsh-answer
  printf '%s\n' "$answer" | without_secrets | encode || cut_off
}

lists="list --uuid --all"
virsh_answers() { # WAY
  virsh_way=$1
  if ask_virsh "echo $nonce:active:; list --uuid; echo $nonce:all:; $lists; echo $nonce:saved:; $lists --with-managed-save;"; then
    return 0
  fi
  # Only virsh's own complaint is worth repeating.
  complaint=$(printf '%s\n' "$answer" | sed -n 's/^error: //p' | head -n 2 | awk '{ printf "%s%s", between, $0; between = "; " }' | head -c 300)
  virsh_said=${complaint:-${virsh_said:-no answer within $deadline s}}
  return 1
}

container_of() { # PID: the identifier in its control group, as Docker, Podman and Kubernetes name it
  sed -n 's/.*[^0-9a-f]\([0-9a-f]\{64\}\)\([^0-9a-f].*\)\{0,1\}$/\1/p' "/proc/$1/cgroup" 2>/dev/null | head -n 1
}

virsh_through() { # docker|podman|crictl|nsenter
  engine=$1
  may_try "$engine" || return 1
  if [ "$engine" = nsenter ]; then virsh_answers "$pid"; else virsh_answers container; fi && return 0
  if is_hung "$ended"; then stuck="$stuck $engine"; fi
  return 1
}

find_virsh() {
  if command -v virsh >/dev/null 2>&1; then
    record trying virsh
    virsh_answers here && return 0
  fi
  in_container=no
  tries=0
  tried=
  for pid in $libvirt_pids; do
    { elsewhere "$pid" && is_mighty "$pid"; } || continue
    in_container=yes
    prefix=/proc/$pid/root
    container=$(container_of "$pid")
    [ -n "$container" ] || container=nova_libvirt
    case " $tried " in
      *" $container "*) ;;
      *)
        tried="$tried $container"
        for program in docker podman crictl; do
          virsh_through "$program" && return 0
        done
        ;;
    esac
    virsh_through nsenter && return 0
  done
  # Where the daemon does not show its namespaces to this user, the engine may still let him in.
  if [ "$in_container" = no ]; then
    container=nova_libvirt
    complaint_before=$virsh_said
    for program in docker podman; do
      virsh_through "$program" && return 0
    done
    # That there is no such container is no wonder.
    virsh_said=$complaint_before
  fi
  return 1
}

# The domains of the answer, each with the other lists that it is in, as UUID:active:saved. By awk, for a shell that takes
# a long text apart needs the square of its length.
listed_domains() {
  printf '%s\n' "$answer" | awk -v nonce="$nonce" '
    {
      gsub(nonce ":[a-z]+:", " & ")
      for (i = 1; i <= NF; i++) {
        if (index($i, nonce) == 1) list = substr($i, length(nonce) + 2)
        else if (length($i) != 36 || $i !~ /^[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+$/) continue
        else if (list == "active:") active[$i] = ":active"
        else if (list == "saved:") saved[$i] = ":saved"
        else if (list == "all:") all[++count] = $i
      }
    }
    END { for (i = 1; i <= count; i++) print all[i] active[all[i]] saved[all[i]] }'
}

ask_definitions() { # DOMAIN
  uuid=${1%%:*}
  commands="${commands}echo $nonce:inactive:$uuid:; dumpxml --inactive $uuid; "
  case $1 in *:active*) commands="${commands}echo $nonce:live:$uuid:; dumpxml $uuid; " ;; esac
}

# What asks the monitor of a QEMU that hangs, or storage that does.
ask_state() { # DOMAIN
  uuid=${1%%:*}
  commands="${commands}echo $nonce:info:$uuid:; dominfo $uuid; "
  case $1 in *:saved*) commands="${commands}echo $nonce:savedxml:$uuid:; managedsave-dumpxml $uuid; " ;; esac
}

# virsh keeps back what it has to say until it is much: what it was killed over takes everything else along, so that the
# definitions are asked for by themselves.
about_one() { # DOMAIN
  commands=
  ask_definitions "$1"
  if ! ask_virsh "$commands"; then
    silent=$((silent + 1))
    print_definitions "${1%%:*}"
    return
  fi
  silent=0
  print_definitions "${1%%:*}"
  if [ "$silent_states" -ge 3 ]; then
    record virsh-not-asked "${1%%:*}"
    return
  fi
  commands=
  ask_state "$1"
  if ask_virsh "$commands"; then silent_states=0; else silent_states=$((silent_states + 1)); fi
  print_answer "${1%%:*}"
}

about_domains() { # DOMAINS…
  # A daemon that left several in a row without an answer is not asked about the hundreds that follow.
  if [ "$silent" -ge 3 ]; then
    for domain in "$@"; do record virsh-not-asked "${domain%%:*}"; done
    return
  fi
  commands=
  for domain in "$@"; do
    ask_definitions "$domain"
    if [ "$silent_states" -lt 3 ]; then ask_state "$domain"; else record virsh-not-asked "${domain%%:*}"; fi
  done
  if ask_virsh "$commands"; then
    silent=0
    print_definitions several
    return
  fi
  # One that is stuck must not cost the others their answers.
  for domain in "$@"; do
    if [ "$silent" -lt 3 ]; then about_one "$domain"; else record virsh-not-asked "${domain%%:*}"; fi
  done
}

print_definitions() { # UUID, or what has answered whole
  case $answer in
    *"name='tsc'"*) case $answer in *frequency=*) want_capabilities=yes ;; esac ;;
  esac
  zones "$(printf '%s\n' "$answer" | sed -n "s/.*<clock[^>]* timezone='\([^']*\)'.*/\1/p
s/.*:env name='TZ' value='\([^']*\)'.*/\1/p" | sort -u)"
  print_answer "$1"
}

virsh_domains() {
  record virsh "$virt_uri"
  print_answer lists
  listed=$(listed_domains)
  ask_virsh "echo $nonce:version:; version --daemon;"
  print_answer version
  set --
  for domain in $listed; do
    set -- "$@" "$domain"
    if [ $# -ge 25 ]; then
      about_domains "$@"
      set --
    fi
  done
  if [ $# -gt 0 ]; then about_domains "$@"; fi
  if [ "$want_capabilities" = yes ]; then
    ask_virsh "echo $nonce:capabilities:; capabilities;"
    print_answer capabilities
  fi
}

# The texts of files, each with its path, or that it has gone.
xml_texts() { # PATHS…
  for path in "$@"; do
    shown=${path#"$from"}
    if opens "$path"; then
      printf '\n%s:file:%s:\n' "$nonce" "$shown"
      head -c 16777216 2>/dev/null <"$path"
    elif [ ! -e "$path" ]; then
      printf '\n%s:gone:%s:\n' "$nonce" "$shown"
    fi
  done
  printf '\n%s:done:\n' "$nonce"
}

# libvirt's own files, where nothing answers for them. Links are not followed: in a container they lead into the host.
file_domains() {
  from=$(root_of /etc/libvirt/qemu)
  set --
  for place in /etc/libvirt/qemu /run/libvirt/qemu; do
    [ -d "$from$place" ] || continue
    if leads_out "$from" "$place"; then
      record problem "unreadable $place is behind a symbolic link in the container of libvirt, which is not followed; audit with a virsh that answers"
      continue
    fi
    if [ -r "$from$place" ]; then directory "$place"; else record unreadable "$place"; fi
    # A domain's name may begin with a dot.
    for path in "$from$place"/*.xml "$from$place"/.*.xml; do
      one_line "$path" || continue
      if [ -L "$path" ]; then
        # Emacs leaves such a link as long as it has the file open.
        case $path in */.\#*) [ -e "$path" ] || continue ;; esac
        link "${path#"$from"}" "$(readlink "$path")"
      elif [ -f "$path" ]; then
        if opens "$path"; then set -- "$@" "$path"; else record unreadable "${path#"$from"}"; fi
      fi
    done
  done
  place=/var/lib/libvirt/qemu/save
  # Root sees what is there: without the directory there are no images.
  if [ -r "$from$place" ] || { [ "$uid" = 0 ] && [ ! -e "$from$place" ]; }; then directory "$place"; fi
  for path in "$from$place"/*.save "$from$place"/.*.save; do
    if [ -f "$path" ]; then present "${path#"$from"}"; fi
  done
  [ $# -gt 0 ] || return 0
  for path in "$@"; do record xml-file "${path#"$from"}"; done
  texts=$(xml_texts "$@" | without_secrets | head -c 134217728)
  zones "$(printf '%s\n' "$texts" | sed -n "s/.*<clock[^>]* timezone='\([^']*\)'.*/\1/p
s/.*:env name='TZ' value='\([^']*\)'.*/\1/p" | sort -u)"
  record xml-files
  printf '%s\n' "$texts" | encode || cut_off
}

domains() {
  set -f
  if [ "$virsh_way" != none ]; then
    virsh_domains
    set +f
    return
  fi
  set +f
  case $virt_uri in
    qemu:///system) if [ -n "$virsh_said" ]; then record virsh-failed "$virsh_said"; else record virsh-failed; fi ;;
    *)
      record problem "virsh-failed ${virsh_said:-there is no virsh that could ask $virt_uri}"
      return
      ;;
  esac
  file_domains
}

# --- All of it --------------------------------------------------------------------------------------------------------

main() {
  exec 4>&1
  uid=$(id -u)
  if [ "$(printf a | base64 2>/dev/null)" != YQ== ]; then encoding=hex; fi
  if timeout -k 1 5 true 2>/dev/null; then have_timeout=yes; fi
  nonce=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
  printf 'virt-clock-audit-recording 1 %s %s\n' "$encoding" "$nonce"
  facts
  find_processes
  ask_time_daemons
  hardware_clocks
  kernel_files
  time_files
  libvirt_guests
  ptp_clocks
  record section host
  find_virsh || virsh_way=none
  # The lists are needed after the processes, which must be seen before the texts of what runs.
  first_answer=$answer
  case $virt_uri in qemu:* | qemu+*) qemu_processes ;; esac
  record section processes
  answer=$first_answer
  domains
  record section domains
  printf '@end %s\n' "$records"
}

main </dev/null
