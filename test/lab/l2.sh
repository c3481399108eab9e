#!/bin/busybox sh
# The first process of the guest's guest: it tells whether ptp_kvm gets the host's time, and switches off.
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
read -r clocksource < /sys/devices/system/clocksource/clocksource0/current_clocksource
echo "L2 clocksource=$clocksource"
if [ -e /modules/ptp_kvm.ko ]; then
  /bin/busybox insmod /modules/ptp_kvm.ko
  # busybox's insmod ends with the error number of init_module(2).
  echo "L2 insmod=$?"
else
  echo "L2 insmod=built-in"
fi
echo "L2 ptp=$(/bin/busybox cat /sys/class/ptp/ptp0/clock_name 2> /dev/null)"
# The kernel only says so where the kvm-clock that it was given is marked as stable.
/bin/busybox dmesg | /bin/busybox grep -q 'sched_clock: Marking stable'
echo "L2 stable=$?"
/bin/busybox poweroff -f
