#!/bin/busybox sh
# The first process of a machine in the laboratory whose clock nobody else needs: it is stepped, disciplined by a real
# chronyd and looked at by the tool. Leaves NAME.stdout, NAME.stderr and NAME.exit of each run, sends all of them through
# its second console, and switches off.
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin:/usr/sbin HOME=/tmp LC_ALL=C
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
results=/tmp/results
mkdir $results
chmod 755 /tmp /run
hostname lab

record() {
  name=$1
  shift
  "$@" > $results/$name.stdout 2> $results/$name.stderr < /dev/null
  echo $? > $results/$name.exit
  read -r seconds _ < /proc/uptime
  echo "lab $seconds $name ended with $(cat $results/$name.exit)"
}
# Seconds after its start chronyd knows little of the frequency of a clock that is emulated on a busy machine.
audit() {
  record "$1" node /tool/bin/virt-clock-audit.js --set hostFrequencyWarnPpm=100000 --no-domains --no-probe \
    --timeout 60 --format json
}
# Under TCG a reading takes milliseconds.
edge() {
  record "$1" node --input-type=module -e \
    "import('/tool/hardwareClock.mjs').then((it) => it.readHardwareClock('/', { edge: true })).then((fact) => console.log(JSON.stringify(fact)))"
}
discipline() {
  name=$1
  shift
  printf '%s\n' 'server 127.0.0.1 port 10123 iburst minpoll 6 maxpoll 6' 'driftfile /run/drift' 'user root' "$@" > /run/chrony.conf
  chronyd -f /run/chrony.conf
  record "waitsync-$name" chronyc -n waitsync 40 0 0 1
}
stop() {
  kill "$(cat /run/chrony/chronyd.pid)"
  while pidof chronyd > /dev/null; do usleep 100000; done
}

read -r results_console < /etc/results-console
stty -F "$results_console" raw -echo
ip link set lo up
mkdir -p /etc

record dmi cat /sys/class/dmi/id/sys_vendor
record name cat /sys/class/rtc/rtc0/name
edge edge
audit alone
date -s "@$(($(date +%s) + 100))"
edge edge-stepped
audit stepped
date -s "@$(($(date +%s) - 100))"
printf '0.0 0 0.0\n0\nLOCAL\n' > /etc/adjtime
mkdir -p /usr/share/zoneinfo/Europe
ln -s /usr/share/zoneinfo/Europe/Berlin /etc/localtime
audit local
rm /etc/adjtime /etc/localtime

node /tool/ntpServer.mjs &
discipline without-rtcsync
audit without-rtcsync
# The call that sets the clock makes the kernel forget what chronyd told it. Once the first burst of requests is over, the
# next measurement is a minute away.
sleep 10
record makestep chronyc -n makestep
audit after-makestep
stop
discipline with-rtcsync rtcsync
audit with-rtcsync
stop
audit stopped

tar -c -z -C $results . > "$results_console"
poweroff -f
