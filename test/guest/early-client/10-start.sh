# Debian's /etc/init.d/xen, after xenstore-read has sent its request to Dom0's device.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc

mkdir -p /etc/default
echo XENSTORED=/lab/xenstore-ts-start >/etc/default/xen
cat >/etc/xenstore-ts.conf <<-SETTINGS
	TYPE=stubdom
	IMAGE=/lab/stub.gz
	MEMORY=$MEMORY
	RELAY=/lab/xenstore-relay
	DAEMON=/lab/xenstored
SETTINGS
{
	xenstore-read /
	echo "exited $?"
} >/tmp/early.log 2>&1 &
waits() { early=$(pidof xenstore-read) && grep -q xenbus "/proc/$early/stack"; }
check "a request waits in the kernel" within 10 waits
early=$(pidof xenstore-read)
check "/etc/init.d/xen starts a store" eval "bash /etc/init.d/xen start >/tmp/init.log 2>&1"
sed 's/^/# /' /tmp/init.log
check "which tells who is in the way" has /tmp/init.log "waits for the store already: xenstore-read ($early)"
equal "the daemon of Dom0 serves" xenstored "$(cat "/proc/$(cat /run/xenstore.pid)/comm")"
check "the socket serves" xenstore-read -s /
check "the early request is answered" within 10 has /tmp/early.log "exited 0"
check "the making of the domain has ended" within 20 eval "! grep -qs xs_suspend /proc/[0-9]*/stack"
equal "no domain is left of it" 0 "$(xl list | grep -c '^Xenstore ')"
check "a guest is created" xl create "$(config pv rw)"
check "and served" within 20 reads "$(data pv-rw)/hello" world
