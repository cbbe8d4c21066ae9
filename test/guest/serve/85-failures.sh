# The program fails in the midst of its work, again and again: nobody loses anything, and hardly anybody sees it.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
export XENSTORED_PATH=/dev/xen/xenbus
FAULTS=${FAULTS:-200}

is_stub || { skip "failures" "the other stores do not survive one"; exit 0; }

metric() { xenstore-control metrics 2>/dev/null | sed -n "s/^xenstored_$1 //p" | grep .; }

# A failure that the program catches is told to who asked, and nothing was done: whoever wants it asks again.
again() {
	for try in 1 2 3 4 5 6 7 8 9 10; do
		"$@" && return
	done
	return 1
}

check "a guest before the failures" timeout 30 xl create "$(config pv rw)"
here=/local/domain/$(xl domid pv-rw)
check "the guest writes" within 10 reads "$here/data/hello" world
xenstore-watch /t/w >/tmp/watched 2>/tmp/watch-errors &
watcher=$!
within 5 lines /tmp/watched /t/w 1
equal "1000 nodes are made" "1000 -" "$(lab-wire /dev/xen/xenbus fill /t/dir 1000)"

check "one message in seven meets a failure" xenstore-control config inject-faults 7
rounds=0 right=0
while [ $rounds -lt $((FAULTS * 20)) ] && [ "$(again metric faults_injected_total)" -lt "$FAULTS" ]; do
	rounds=$((rounds + 200))
	right=$((right + $(lab-wire /dev/xen/xenbus insist /t/w 200)))
done
again xenstore-control config inject-faults 0
equal "what was acknowledged is there" $rounds $right
echo "# $rounds rounds, $(metric faults_injected_total) failures, $(metric recoveries_total) times anew"
check "the program was started anew" test "$(metric recoveries_total)" -gt $((FAULTS / 10))
equal "the values of the 1000" 1000 "$(lab-wire /dev/xen/xenbus count /t/dir 1000)"
xenstore-write /t/w/last 1
check "the watch of before is there" within 5 has /tmp/watched /t/w/last
events=$(grep -c '^/t/w/' /tmp/watched)
check "each change had its event" test "$events" -ge "$rounds"
check "the store is sound" xenstore-control check
xenstore-write "$here/data/ping" "after the failures"
check "the guest's watch fires and it answers" within 10 reads "$here/data/pong" "after the failures"
check "a guest after the failures" timeout 30 xl create "$(config pvh rw)"
check "it writes" within 10 reads "/local/domain/$(xl domid pvh-rw)/data/hello" world
for guest in pv-rw pvh-rw; do check "$guest is destroyed" timeout 20 xl destroy $guest; done
xenstore-rm /t
kill $watcher 2>/dev/null
true
