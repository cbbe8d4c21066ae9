# Read by Dom0's first process, by every script of a scenario, and by the shell.
PS1='dom0# '
[ -f /lab/env ] && . /lab/env
export PATH=/usr/bin:/usr/sbin:/usr/lib/xen-${XEN:-4.20}/bin:/lab/bin

# start_store: starts the xenstore that STORE names; 0 when it serves.
start_store() {
	case $STORE in
	stub) start_stub "$MEMORY" ${MAXMEM:+--maxmem "$MAXMEM"} ;;
	dom0) launch_stock XENSTORED=/lab/xenstored "XENSTORED_ARGS='$PARAM'" ;;
	c) timeout 30 xenstored --pid-file /run/xen/xenstored.pid ;;
	ocaml) timeout 30 oxenstored >/dev/null 2>&1 ;; # it keeps its output open
	esac
}

# start_stub MEMORY [OPTION...]: the stock tool has no time limit of its own and waits for ever for a stub that died.
start_stub() {
	stub_memory=$1
	shift
	if [ "${PARAM:-}" ]; then set -- "$@" --param "$PARAM"; fi
	timeout "${LAUNCH_LIMIT:-15}" init-xenstore-domain --kernel /lab/stub.gz --memory "$stub_memory" "$@" >/tmp/launch.log 2>&1
}

# launch_stock SETTING...: by the script that a host starts its store with, with these settings of the host
launch_stock() {
	mkdir -p /etc/default
	printf '%s\n' "$@" >/etc/default/xencommons
	sed -i "s/xen-4\.[0-9]*/xen-$XEN/" /etc/xen/scripts/hotplugpath.sh
	timeout 30 bash /etc/xen/scripts/launch-xenstore >/tmp/launch.log 2>&1
}

start_services() {
	xen-init-dom0 >/tmp/xen-init-dom0.log 2>&1 || return 1
	xenconsoled --log=all --log-dir=/var/log/xen/console --pid-file=/run/xen/xenconsoled.pid
}

# load_backends: what serves disks and network interfaces to guests
load_backends() {
	for module in $(cat /modules/backends); do insmod "/modules/$module.ko" || return 1; done
}

# What is in the stub's console ring. A start that was refused has used up a domain number, so it need not be 1.
stub_ring() {
	for id in 3 2 1; do
		lab-conring $id 2>/dev/null && return
	done
	echo "no console ring of the store can be read"
}

# What the stub has printed: from xenconsoled's log, or straight from its console ring while nobody serves it.
stub_console() {
	if [ -s /var/log/xen/console/guest-Xenstore.log ]; then
		cat /var/log/xen/console/guest-Xenstore.log
	else
		stub_ring
	fi
}

# What is worth seeing when something failed.
post_mortem() {
	sed 's/^/# launch: /' /tmp/launch.log 2>/dev/null
	if [ "$STORE" = stub ]; then
		stub_console | tail -n 40 | tr -d '\r' | sed 's/^/# stub: /'
	fi
}
