#!/bin/busybox sh
# The first process of the hypervisor in the laboratory. It runs the tool on itself and a guest of its own, leaves the
# files NAME.stdout, NAME.stderr and NAME.exit of each run, sends all of them through its second console, and switches
# off.
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin HOME=/tmp LC_ALL=C
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mount -t debugfs debugfs /sys/kernel/debug
clocksources=/sys/devices/system/clocksource/clocksource0
results=/tmp/results
mkdir $results
chmod 755 /tmp /run

hostname lab

progress() {
  read -r seconds _ < /proc/uptime
  echo "L1 $seconds $*"
}
record() {
  name=$1
  shift
  "$@" > $results/$name.stdout 2> $results/$name.stderr < /dev/null
  echo $? > $results/$name.exit
  progress "$name ended with $(cat $results/$name.exit)"
}
tool() { node /tool/bin/virt-clock-audit.js "$@"; }
as() {
  user=$1
  shift
  su -s /bin/sh "$user" -c "PATH=/bin:/usr/bin exec node /tool/bin/virt-clock-audit.js $*"
}
# What a run could leave behind: a taint of the kernel, a message of it, a virtual machine, a process.
traces() {
  cat /proc/sys/kernel/tainted
  dmesg
  ls /sys/kernel/debug/kvm 2> /dev/null | grep -- -
  ps -o comm | grep -c '^node$'
}
guest() {
  read -r machine < /l2/machine
  read -r console < /l2/console
  # The words of the machine are to be split.
  timeout -s KILL 100 $machine -accel kvm -cpu host -m 256 -nodefaults -display none -serial stdio -no-reboot \
    -kernel /l2/vmlinuz -initrd /l2/initrd -append "console=$console quiet panic=-1"
}

read -r results_console < /etc/results-console
stty -F "$results_console" raw -echo
for module in $(cat /etc/modules); do insmod "/modules/$module.ko" || echo "L1 no module $module"; done
ip link set lo up
chgrp kvm /dev/kvm && chmod 660 /dev/kvm

# A hundred seconds ahead of the hardware clock, which nobody sets.
record clock-step date -s "@$(($(date +%s) + 100))"
record clocksource cat $clocksources/current_clocksource $clocksources/available_clocksource
record traces-before traces
record probe tool probe
record probe-json tool probe --format json
record traces-after traces
record audit tool --no-domains --format json
record l2 guest

if grep -q 'lab=more' /proc/cmdline; then
  record outsider as nobody probe --format json
  record member as operator probe --format json
  record wrong-device tool probe --format json --kvm /dev/null
  record no-device tool probe --format json --kvm /dev/there-is-none
  # KVM follows a change while it runs: nothing that was found at the start may be kept.
  echo hpet > $clocksources/current_clocksource
  record changed-probe-json tool probe --format json
  record changed-l2 guest
fi

tar -c -z -C $results . > "$results_console"
progress "sent its results"
poweroff -f
