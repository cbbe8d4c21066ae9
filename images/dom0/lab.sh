# Sourced by Dom0's init, by the script of each scenario, and by the shell.
PS1='dom0# '
[ -f /lab/env ] && . /lab/env
export PATH=/usr/bin:/usr/sbin:/usr/lib/xen-${XEN:-4.20}/bin:/lab/bin

# start_store: starts the xenstore that STORE names. Returns 0 when it serves.
start_store() {
	case $STORE in
	stub) start_stub "$MEMORY" ${MAXMEM:+--maxmem "$MAXMEM"} ;;
	dom0) launch_stock XENSTORED=/lab/xenstored "XENSTORED_ARGS='$PARAM'" ;;
	c) xenstored --pid-file /run/xen/xenstored.pid ;;
	ocaml) oxenstored >/dev/null 2>&1 ;; # it keeps its output open
	esac
}

# start_stub MEMORY [OPTION...]: starts the stub domain. init-xenstore-domain waits for ever for a stub that died. A
# scenario that expects this sets LAUNCH_LIMIT, in seconds. In any other the silence leads to an examination of the machine.
start_stub() {
	stub_memory=$1
	shift
	if [ "${PARAM:-}" ]; then set -- "$@" --param "$PARAM"; fi
	${LAUNCH_LIMIT:+timeout "$LAUNCH_LIMIT"} init-xenstore-domain --kernel /lab/stub.gz --memory "$stub_memory" "$@" >/tmp/launch.log 2>&1 &&
		pin_store
}

# launch_stock SETTING...: starts the store by Xen's launch-xenstore, with these settings in /etc/default/xencommons
launch_stock() {
	mkdir -p /etc/default
	printf '%s\n' "$@" >/etc/default/xencommons
	sed -i "s/xen-4\.[0-9]*/xen-$XEN/" /etc/xen/scripts/hotplugpath.sh
	bash /etc/xen/scripts/launch-xenstore >/tmp/launch.log 2>&1 || return
	[ "$STORE" != stub ] || pin_store
}

# pin_store: pins the store's domain to the second processor, which Dom0 does not use. It makes no request to the store.
pin_store() {
	[ "${SMP:-1}" = 1 ] || xl vcpu-pin "$(sed 's/^domid://' /run/xen/xenstored.pid)" all 1
}

start_services() {
	xen-init-dom0 >/tmp/xen-init-dom0.log 2>&1 || return 1
	xenconsoled --log=all --log-dir=/var/log/xen/console --pid-file=/run/xen/xenconsoled.pid
}

# load_backends: loads the modules that serve disks and network interfaces to guests
load_backends() {
	for module in $(cat /modules/backends); do insmod "/modules/$module.ko" || return 1; done
}

# stub_ring: prints the stub's console ring. Its domid is not always 1, because a start that failed uses up a domid.
stub_ring() {
	for id in 3 2 1; do
		lab-conring $id 2>/dev/null && return
	done
	echo "no console ring of the store can be read"
}

# stub_console: prints the stub's output, from xenconsoled's log, or from its console ring before xenconsoled runs.
stub_console() {
	if [ -s /var/log/xen/console/guest-Xenstore.log ]; then
		cat /var/log/xen/console/guest-Xenstore.log
	else
		stub_ring
	fi
}

# examiner: for each line from the console, prints what the processes of Dom0 wait for (build/lab/examine.mjs). It makes no
# request to the store, because they may be waiting for it.
examiner() {
	while read -r _; do
		{
			lab-ring own | tr '\n' ' '
			echo
			for process in /proc/[0-9]*; do
				# Kernel threads have no command line; of those only the client of the store matters.
				command=$(tr '\0' ' ' <"$process/cmdline" | cut -c1-60)
				case $command$(cat "$process/comm") in xenbus | xenwatch | ?*' '*) ;; *) continue ;; esac
				echo "${process#/proc/} $(cut -d' ' -f2,3 "$process/stat") $command: $(sed 's/.* //; s/+.*//' "$process/stack" | head -n 5 | tr '\n' ' ')"
			done
		} 2>/dev/null | sed 's/^/@ /'
		echo "@examined"
	done
}

# post_mortem: prints what helps to explain a failure.
post_mortem() {
	sed 's/^/# launch: /' /tmp/launch.log 2>/dev/null
	if [ "$STORE" = stub ]; then
		stub_console | tail -n 40 | tr -d '\r' | sed 's/^/# stub: /'
	fi
}
