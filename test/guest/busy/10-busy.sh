# Requests without a pause while guests come and go, and in every other round others want the processor as well. A wake-up
# that is lost shows as silence: the machine is examined then (build/lab/examine.mjs).
. /lab/crowd.inc

going() { [ "$(date +%s)" -lt $end ]; }

# tests NAME: Xen's own test of a store, again and again; /tmp/NAME has how often, and how often it failed
tests() {
	rounds=0 failed=0
	while going; do
		test-xenstore >"/tmp/$1.said" 2>&1 || failed=$((failed + 1))
		rounds=$((rounds + 1))
		echo "$rounds $failed" >"/tmp/$1"
	done
}
# sum FIELD: of what both have counted
sum() { cat /tmp/first /tmp/second 2>/dev/null | awk -v field="$1" '{ sum += $field } END { print sum + 0 }'; }

# beat: a machine that is slow still shows that requests are served
beat() {
	last=0
	while going; do
		sleep 15
		now=$(sum 1)
		[ "$now" = "$last" ] || echo "# busy: $now rounds of test-xenstore"
		last=$now
	done
}
# created N: xl gives up after ten seconds of its own clock, so on a machine that is three times slower it may try again
created() {
	one "$1" && return
	[ "$(pace)" -gt 2 ] || return 1
	echo "# busy: xl create has given up on a slow machine, and tries again"
	xl destroy "c$1" 2>/dev/null
	one "$1"
}

one 0
xl destroy c0
within 10 count_is 0
state >/tmp/before
begin=$(date +%s) end=$(($(date +%s) + DURATION))
spinners=
for processor in $(seq "$(nproc)"); do
	while :; do :; done &
	spinners="$spinners $!"
done
tests first & testers=$!
tests second & testers="$testers $!"
beat &

guests=0 failed=0
while going; do
	[ $((guests % 2)) = 0 ] && kill -STOP $spinners || kill -CONT $spinners
	[ $((guests % 4)) -lt 2 ] && CROWD_KIND=pv || CROWD_KIND=pvh
	guests=$((guests + 1))
	created $guests && id=$(xl domid c$guests) && within 20 reads "/local/domain/$id/data/hello" world || failed=$((failed + 1))
	talk "round $guests" "$id"
	within 20 reads "/local/domain/$id/data/pong" "round $guests" || failed=$((failed + 1))
	xl destroy c$guests
	echo "# busy: $guests guests, $(sum 1) rounds of test-xenstore, $(($(date +%s) - begin)) s"
done
wait $testers
kill -KILL $spinners
check "busy: $(sum 1) rounds of test-xenstore without a hang" [ "$(sum 1)" -gt 1 ]
equal "busy: none of them failed" 0 "$(sum 2)"
check "busy: $guests guests without a hang" [ $guests -gt 1 ]
equal "busy: each of them was created, wrote and answered" 0 $failed
check "busy: no node, watch, transaction, connection, channel, mapping or domain is left over" within 30 same /tmp/before ||
	state | diff /tmp/before - | sed 's/^/# /'
