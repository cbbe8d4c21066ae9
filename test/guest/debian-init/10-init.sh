# /etc/init.d/xen as Debian ships it, with XENSTORED in /etc/default/xen. It knows nothing of a store that is a domain.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc

type=daemon server=xenstored stores=0
if is_stub; then type=stubdom server=xenstore-relay stores=1; fi
mkdir -p /etc/default
echo XENSTORED=/lab/xenstore-ts-start >/etc/default/xen
cat >/etc/xenstore-ts.conf <<-SETTINGS
	TYPE=$type
	IMAGE=/lab/stub.gz
	MEMORY=$MEMORY
	OPTIONS=--entry-nb=500
	RELAY=/lab/xenstore-relay
	DAEMON=/lab/xenstored
SETTINGS
# Not by busybox, whose shell takes its own start-stop-daemon, which does not know --test.
start() { bash /etc/init.d/xen start >/tmp/init.log 2>&1; }
check "/etc/init.d/xen starts the store and xenconsoled" start
sed 's/^/# /' /tmp/init.log
equal "Debian's pid file names who serves the socket" $server "$(cat "/proc/$(cat /run/xenstore.pid)/comm")"
equal "which the kernel spares where memory ends" -1000 "$(cat "/proc/$(cat /run/xenstore.pid)/oom_score_adj")"
check "the socket serves" xenstore-read -s /
equal "Dom0 has its name" Domain-0 "$(xenstore-read /local/domain/0/name)"
check "xenconsoled is alive" pidof xenconsoled
equal "the option came through" 500 "$(xenstore-control quota | tr '\0' '\n' | awk '$1 == "nodes" { print $3 }')"
equal "stores that are domains" $stores "$(xl list | grep -c '^Xenstore ')"
check "a guest is created" xl create "$(config pv rw)"
check "and served" within 20 reads "$(data pv-rw)/hello" world
serves=$(cat /run/xenstore.pid)
check "a second start, while it runs, succeeds" start
equal "and leaves it running" "$serves" "$(cat /run/xenstore.pid)"
check "which serves" xenstore-read -s /
is_stub || exit 0

equal "the pid file names the domain" domid:1 "$(cat /run/xen/xenstored.pid)"
kill "$(cat /run/xenstore.pid)"
check "the relay ends" within 5 [ ! -e /run/xenstored/socket ]
check "a second start begins the relay alone" start
check "which serves the same store" reads "$(data pv-rw)/hello" world
equal "there is still one store" 1 "$(xl list | grep -c '^Xenstore ')"
