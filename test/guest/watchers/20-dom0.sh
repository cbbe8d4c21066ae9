# Dom0's share: a thousand of its transactions at the same time, and what it waits beside guests that flood.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
export XENSTORED_PATH=/dev/xen/xenbus GUEST_MEMORY=8
ring=/dev/xen/xenbus

lab-many $ring flight 1000 sh -c 'xenstore-control metrics | grep "^xenstored_transactions_open "; xenstore-write /t/beside yes; xenstore-read /t/beside' >/tmp/flight 2>/dev/null
echo "# $(tr '\n' ' ' </tmp/flight)"
if [ "$STORE" = stub ] || [ "$STORE" = dom0 ]; then
	check "1,000 transactions are open" lines /tmp/flight "xenstored_transactions_open 1000" 1
	check "all of them are committed" lines /tmp/flight "1000 started, 1000 committed, 1000 there" 1
else
	# This store takes siblings for conflicts.
	check "1,000 transactions are started" grep -q '^1000 started' /tmp/flight
fi
check "Dom0's other programs are served meanwhile" lines /tmp/flight yes 1
xenstore-rm /t

before=$(domains)
alone=$(lab-many $ring waits 300)
config "$IMAGE" flood >/dev/null
for n in 1 2 3 4; do
	sed "s/^name = .*/name = \"flood$n\"/" "/tmp/$IMAGE-flood.cfg" >/tmp/flood$n.cfg
	check "flood $n: created beside the others" xl create -q /tmp/flood$n.cfg
	check "flood $n: it acts" within 20 reads "$(data flood$n)/acting" yes
done
beside=$(lab-many $ring waits 300)
# A turn of the processor among five domains takes longer than any turn among five rings.
check "no READ of Dom0 waits half a second beside them" [ "${beside##* }" -lt 500000 ]
echo "# READs of Dom0, us, median, 99 of 100, longest: alone $alone; beside four floods $beside"
for n in 1 2 3 4; do check "flood $n is destroyed beside the others" xl destroy flood$n; done
check "no zombie is left" within 20 domains_are "$before"
