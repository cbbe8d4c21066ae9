# XENSTORETYPE=domain, and our image named by XENSTORE_DOMAIN_KERNEL.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc

# quota NAME NUMBER: the store's quota has this value
quota() { xenstore-control quota | tr '\0' '\n' | awk -v n="$1" -v v="$2" '$1 == n ":" || $1 == n { for (i = 2; i <= NF; i++) if ($i == v) found = 1 } END { exit !found }'; }

check "launch-xenstore starts the domain" launch_stock XENSTORETYPE=domain XENSTORE_DOMAIN_KERNEL=/lab/stub.gz \
	"XENSTORE_DOMAIN_SIZE=$MEMORY" XENSTORE_MAX_DOMAIN_SIZE=16 "XENSTORE_DOMAIN_ARGS='--param --entry-nb=500'" || exit 1
sed 's/^/# /' /tmp/launch.log
check "the services start" start_services
equal "the pid file names the domain" domid:1 "$(cat /run/xen/xenstored.pid)"
check "a second start finds it, and does nothing" launch_stock XENSTORETYPE=domain
equal "there is one store" 1 "$(xl list | grep -c '^Xenstore ')"
check "its option came through" quota nodes 500
check "a guest is created" xl create "$(config "$IMAGE" rw)"
check "and served" within 20 reads "$(data "$IMAGE-rw")/hello" world
