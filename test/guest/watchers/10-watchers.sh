# Fifty watchers, guests created side by side, large replies: all over Dom0's one ring, and all at the same time.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
export XENSTORED_PATH=/dev/xen/xenbus GUEST_MEMORY=8

all_have() {
	for n in $(seq 50); do lines /tmp/w$n /t/w "$1" || return 1; done
}
before=$(domains)
for n in $(seq 50); do xenstore-watch -n 4 /t/w >/tmp/w$n & done
check "50 watchers: each has its first event" within 60 all_have 1
equal "a directory of 1,000" "1000 -" "$(lab-wire /dev/xen/xenbus fill /t/dir 1000)"
for n in 1 2 3 4; do
	config "$IMAGE" rw >/dev/null
	sed "s/^name = .*/name = \"side$n\"/" "/tmp/$IMAGE-rw.cfg" >/tmp/side$n.cfg
	xl create -q /tmp/side$n.cfg &
done
for i in 1 2 3; do
	xenstore-write /t/w $i
	# Equal events that are not taken yet are one.
	within 60 all_have $((i + 1)) || break
	[ "$STORE" = ocaml ] || equal "a large reply meanwhile, $i" 1000 "$(xenstore-list /t/dir | wc -l)"
done
check "50 watchers: each has each event" all_have 4
side_by_side() {
	for n in 1 2 3 4; do reads "$(data side$n)/hello" world || return 1; done
}
check "four guests, created side by side, are served" within 90 side_by_side
for n in 1 2 3 4; do xl destroy side$n & done
sleep 1
check "no zombie is left" within 20 domains_are "$before"
xenstore-rm /t
