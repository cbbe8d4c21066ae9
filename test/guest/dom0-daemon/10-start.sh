# What the stock launch script set up, and both ways to the store.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc

daemon=$(cat /run/xen/xenstored.pid)
check "the pid file names the daemon" has /proc/$daemon/cmdline /lab/xenstored
equal "it is the only one" "$daemon" "$(pidof xenstored)"
equal "it became a daemon: its parent is the first process" 1 "$(awk '$1 == "PPid:" { print $2 }' /proc/$daemon/status)"
check "the launch script set its OOM score" lines /proc/$daemon/oom_score_adj -500 1

ring=/dev/xen/xenbus socket=/run/xenstored/socket
check "the socket serves" env XENSTORED_PATH=$socket xenstore-write /t/x 1
equal "Dom0's ring serves the same store" 1 "$(XENSTORED_PATH=$ring xenstore-read /t/x)"
XENSTORED_PATH=$socket xenstore-watch -n 2 /t/x >/tmp/watched &
within 5 lines /tmp/watched /t/x 1
check "a change over the ring" env XENSTORED_PATH=$ring xenstore-write /t/x 2
check "is an event at the socket" within 5 lines /tmp/watched /t/x 2
equal "the socket is for root alone" 600 "$(stat -c %a $socket)"

mapped() { grep -c gntdev /proc/$daemon/maps; }
mapped_is() { [ "$(mapped)" = "$1" ]; }
before=$(mapped)
check "a guest" xl create "$(config pv rw)"
check "its ring is a mapped grant" mapped_is $((before + 1))
refused "and no foreign mapping" grep -q privcmd /proc/$daemon/maps
xl destroy pv-rw
check "unmapped when it is gone" within 5 mapped_is "$before"

check "a second daemon with the same pid file ends in silence" sh -c \
	'said=$(/lab/xenstored --pid-file /run/xen/xenstored.pid 2>&1) && [ -z "$said" ]'
/lab/xenstored >/tmp/second 2>&1
refused "one with another is refused" test $? = 0
check "and says why" grep -q 'does another store run' /tmp/second
check "the first serves on" xenstore-write /t/x 3
/lab/xenstored --domains-module /lab/lib.sh >/tmp/module 2>&1
check "a module that is none is refused" grep -q 'the module for Xen.s domains: /lab/lib.sh' /tmp/module
echo no >"/lab/xenstored-domains-$XEN.so"
/lab/xenstored >/tmp/module 2>&1
check "the module for this version of Xen comes first" grep -q "xenstored-domains-$XEN.so" /tmp/module
rm "/lab/xenstored-domains-$XEN.so"
