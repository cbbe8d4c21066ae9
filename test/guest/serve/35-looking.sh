# What the store tells of itself, from its own nodes and commands. Other stores have none of it.
. /etc/lab.sh
. /lab/lib.sh
export XENSTORED_PATH=/dev/xen/xenbus
if [ "$STORE" != stub ] && [ "$STORE" != dom0 ]; then exit 0; fi

number() { xenstore-read "/tool/xenstored/$1" | grep -qxE "[0-9]+"; }
check "xenstore-ls shows the status" xenstore-ls /tool/xenstored
xenstore-ls -f /tool/xenstored >/tmp/status
check "the version is told" grep -qE '^/tool/xenstored/version = "[0-9.]+ \([0-9a-f]{8}\)"' /tmp/status
check "how long it runs" number uptime
check "how large the engine's heap is" number memory/engine-bytes
check "Dom0's quotas have no limit" grep -qE '^/tool/xenstored/domain/0/nodes = "[0-9]+ [0-9]+ 0"' /tmp/status
check "Dom0's ring is a connection" grep -qE '^/tool/xenstored/connection/[0-9]+/kind = "ring"' /tmp/status
refused "nobody writes there" xenstore-write /tool/xenstored/uptime 0
refused "nor removes" xenstore-rm /tool/xenstored/memory
check "xenstore-control memreport tells of all memory" eval "xenstore-control memreport | grep -q '^engine-bytes: [0-9]'"
check "xenstore-control config tells the options" eval "xenstore-control config | grep -q '^entry-nb = '"
check "xenstore-control metrics" eval "xenstore-control metrics | grep -q '^xenstored_requests_total [0-9]'"
check "xenstore-control trace-dump" xenstore-control trace-dump
if is_stub; then
	check "the last packets are on the console" within 5 eval "stub_console | grep -qE '^packet [0-9]+ [0-9]+ [0-9]+ 0 in '"
	check "memory of the kernel is told" eval "xenstore-control memreport | grep -q '^kernel-left-bytes: [0-9]'"
	check "and that of pages of guests" number memory/grants-mapped
	size=$(xenstore-control dump -b)
	check "the state can be fetched: $size bytes" [ "$size" -gt 1000 ]
	check "and let go of" xenstore-control dump -e
else
	check "a trace into a file" xenstore-control logfile /tmp/trace
	xenstore-write /t/traced 1
	check "has what was asked for" grep -qF "WRITE (/t/traced <1 bytes>)" /tmp/trace
	xenstore-control log off
	xenstore-rm /t
	check "a dump of packets into a file" xenstore-control trace-dump /tmp/packets
	equal "begins as it must" XSTSPKTS "$(head -c 8 /tmp/packets)"
fi
