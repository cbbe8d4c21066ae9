# Two guests whose consoles are joined to their rings, and a relay between those consoles and who plays the rows.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
export XENSTORED_PATH=/dev/xen/xenbus

relays=
number=0
for kind in pv pvh; do
	number=$((number + 1))
	config $kind relay >/dev/null
	sed -i "s/^name = .*/name = \"relay-$number\"/" /tmp/$kind-relay.cfg
	check "rows: guest $number, $kind" xl create /tmp/$kind-relay.cfg || exit 1
	here=/local/domain/$(xl domid relay-$number)
	within 10 xenstore-read $here/console/tty || exit 1
	echo "guest $number ${here##*/} $(xenstore-read $here/store/port)"
	relays="$relays $number=$(xenstore-read $here/console/tty)"
done
lab-relay $relays </dev/ttyS1 || not_ok "the relay" "it exited $?"
