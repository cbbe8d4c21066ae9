# Each script of tools/ against the stub domain, with a guest in it, by the path that it finds by itself.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
cd /tmp || exit 2
chmod +x /lab/xenstore-*

check "Python runs" python3 -c "import argparse, json, socket, struct"
check "a guest is created" xl create "$(config "$IMAGE" rw)"
domid=$(xl domid "$IMAGE-rw")
check "and served" within 20 reads "/local/domain/$domid/data/hello" world

check "xenstore-top --once" eval "/lab/xenstore-top --once >top"
check "tells of the guest" eval "grep -q '^ *$domid ' top"
sed 's/^/# /' top | cut -c1-120
check "and of connections" eval "/lab/xenstore-top -c --once -d 0.5 >connections && grep -q ring connections"

check "xenstore-exporter" /lab/xenstore-exporter xenstore.prom
check "writes the figures of the whole" has xenstore.prom "xenstored_nodes "
check "and that the store is up" has xenstore.prom "xenstored_up 1"
check "and what the domain's kernel has left" eval "grep -q '^xenstored_kernel_left_bytes [1-9]' xenstore.prom"
check "and of the guest" has xenstore.prom "{domid=\"$domid\""
equal "the same as xenstore-control metrics" "$(xenstore-control metrics | grep -c '^# TYPE xenstored_[a-z]*_total')" \
	"$(grep -c '^# TYPE xenstored_[a-z]*_total' xenstore.prom)"

xenstore-write /t/looked-for "in the trace"
check "xenstore-trace fetch" /lab/xenstore-trace fetch packets
check "text" eval "/lab/xenstore-trace text packets >text && grep -q '/t/looked-for' text"
check "pcap" /lab/xenstore-trace pcap packets packets.pcap
equal "begins as such a file does" 4d3cb2a1 "$(od -An -t x1 -N 4 packets.pcap | tr -d ' ')"
if [ "$XEN" != 4.17 ]; then
	check "trace-dump, to the share" eval "xenstore-control trace-dump dumped | grep -q OK"
	check "is read as well" within 10 eval "/lab/xenstore-trace text /var/lib/xen/xenstore/dumped 2>/dev/null | grep -q '/t/looked-for'"
fi

check "xenstore-state fetch" /lab/xenstore-state fetch state
check "check finds nothing" eval "/lab/xenstore-state check state >wrong 2>&1 && [ ! -s wrong ]"
check "print tells of the guest's node" eval "/lab/xenstore-state print state >records && grep -q '/local/domain/$domid/data/hello' records"
check "and of all that there are" test "$(grep -c NODE_DATA records)" -ge 100

check "xenstore-web makes a page of a state" eval "/lab/xenstore-web state >page.html 2>said"
sed 's/^/# /' said | tail -n 4
check "with the guest's node" eval "grep -q '/local/domain/$domid/data/hello\|hello' page.html"
check "and of a trace" eval "/lab/xenstore-web packets >page.html 2>said"
