# XENSTORETYPE=domain, and our image named by XENSTORE_DOMAIN_KERNEL.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc

# quota NAME NUMBER: the store's quota has this value
quota() { xenstore-control quota | tr '\0' '\n' | awk -v n="$1" -v v="$2" '$1 == n ":" || $1 == n { for (i = 2; i <= NF; i++) if ($i == v) found = 1 } END { exit !found }'; }

# As on distributions other than Debian: its settings are written by the program that a person calls.
rm -f /etc/init.d/xen
mkdir -p /etc/default /usr/lib/xenstore-ts
cp /lab/stub.gz /usr/lib/xenstore-ts/xenstore-ts-stubdom.gz
echo 'OPTIONS="--entry-nb=500"' >/etc/xenstore-ts.conf
echo XENSTORED_TRACE=on >/etc/default/xencommons
check "xenstore-ts enable stubdom" /lab/bin/xenstore-ts enable stubdom --memory "$MEMORY" --maxmem 16
check "launch-xenstore starts the domain" launch_stock "$(cat /etc/default/xencommons)" || exit 1
sed 's/^/# /' /tmp/launch.log
check "the services start" start_services
equal "the pid file names the domain" domid:1 "$(cat /run/xen/xenstored.pid)"
check "a second start finds it, and does nothing" launch_stock XENSTORETYPE=domain
equal "there is one store" 1 "$(xl list | grep -c '^Xenstore ')"
check "its option came through" quota nodes 500
check "xenstore-ts tells that it serves" eval "/lab/bin/xenstore-ts status | grep -q 'serves now  *xenstore-ts .*domain 1'"
check "a guest is created" xl create "$(config "$IMAGE" rw)"
check "and served" within 20 reads "$(data "$IMAGE-rw")/hello" world
