# Each death is told of exactly once, whatever the domain and Dom0 were doing, and nothing of it stays.
. /lab/crowd.inc
export GUEST_MEMORY=8

# mourn DOMID: notes what is told of the domain's end in /tmp/end-DOMID; the first line is the watch itself
mourn() {
	xenstore-watch "@releaseDomain/$1" >"/tmp/end-$1" &
	mourners="$mourners $!"
	within 5 lines "/tmp/end-$1" "@releaseDomain/$1" 1
}
# told DOMID: how often its end was told of
told() { echo $(($(grep -c . "/tmp/end-$1") - 1)); }
told_is() { [ "$(told "$1")" = "$2" ]; }
# told_all TIMES DOMID...
told_all() {
	times=$1
	shift
	for id; do told_is "$id" "$times" || return 1; done
}
plain() { grep -c . /tmp/plain; }
forget() {
	kill $mourners
	wait $mourners 2>/dev/null
	mourners=
}
# born KIND ACT: a guest, mourned before it has done anything
born() {
	xl create -q -p "$(config "$1" "$2")" || not_ok "$1-$2 is created" "xl create exited $?"
	id=$(xl domid "$1-$2")
	mourn "$id"
	xl unpause "$id"
}
in_state() { xl list "$1" | awk 'NR == 2 { print $5 }' | grep -q "$2"; }

mourners=
# The first guest of all leaves the directories that every later one uses.
one 0
xl destroy c0
within 10 count_is 0
before=$(domains)
state >/tmp/before
xenstore-ls -f >/tmp/tree

kinds="pv pvh"
# With two processors it is about what happens at the same time, not about every kind of guest.
[ "$SMP" = 1 ] || kinds=$IMAGE
for kind in $kinds; do
	born $kind hoarder
	within 40 grow "$(data $kind-hoarder)/nodes" ENOSPC
	check "$kind: destroyed with watches, transactions and nodes" xl destroy "$id"
	check "$kind: no zombie is left" within 5 domains_are "$before"
	born $kind trap
	check "$kind: a crash is told of" within 10 told_is "$id" 1
	check "$kind: it is there still" in_state "$id" c
	equal "$kind: its ring is, too" 1 "$(xenstore-ls -f "/local/domain/$id" | grep -c store/ring-ref)"
	xl destroy "$id"
	check "$kind: its end is told of after the crash" within 10 told_is "$id" 2
	born $kind vanish
	check "$kind: it ended in the middle of a message; nobody is left" within 10 domains_are "$before"
done

# RELEASE, then another INTRODUCE, then death
born pv rw
within 10 reads "/local/domain/$id/data/hello" world
port=$(xenstore-read "/local/domain/$id/store/port")
equal "RELEASE and INTRODUCE" "1 -" "$(lab-many /dev/xen/xenbus leave "$id" "$port" 1)"
xl destroy "$id"
check "both the RELEASE and the death are told of" within 5 told_is "$id" 2

for how in introduce leave; do
	born pv rw
	within 10 reads "/local/domain/$id/data/hello" world
	port=$(xenstore-read "/local/domain/$id/store/port")
	lab-many /dev/xen/xenbus $how "$id" "$port" 1000000 >/tmp/$how &
	introducer=$!
	sleep 1
	check "$how: destroyed meanwhile" xl destroy "$id"
	wait $introducer
	# Of one that was released when it died nobody is told again: xenconsoled learns it with the next, and unmaps.
	[ $how = introduce ] || { one 0 && xl destroy c0; }
	check "$how: no zombie is left" within 10 domains_are "$before"
	check "$how: then it is refused" grep -q '^[1-9][0-9]* EINVAL$' /tmp/$how
	echo "# $how: $(cat /tmp/$how), told $(told "$id")"
	[ $how = leave ] || equal "$how: its end is told of once" 1 "$(told "$id")"
done

# Six at the same time, with and without a toolstack that is in the middle of something
xenstore-watch @releaseDomain >/tmp/plain &
mourners="$mourners $!"
within 5 lines /tmp/plain Domain 1
for n in 1 2 3 4 5 6; do one $n; done
all=$(ids)
for id in $all; do mourn "$id"; done
already=$(plain)
for id in $all; do xl destroy "$id" & destroyers="$destroyers $!"; done
wait $destroyers
check "six at once: each is told of" within 10 told_all 1 $all
sleep 1
check "six at once: exactly once" told_all 1 $all
check "six at once: and all of them once to six times" [ $(($(plain) - already)) -ge 1 -a $(($(plain) - already)) -le 6 ]
check "six at once: no zombie is left" within 5 domains_are "$before"

forget
check "no node, watch, transaction, connection, channel or mapping is left" within 10 same /tmp/before ||
	{
		state | diff /tmp/before -
		xenstore-ls -f | diff /tmp/tree -
	} | sed 's/^/# /'

# What creates the guest is killed at any moment.
for tenths in 1 3 5 7 9 11; do
	sed 's/^name = .*/name = "half"/' /tmp/c0.cfg >/tmp/half.cfg
	timeout -s KILL $((tenths / 10)).$((tenths % 10)) xl create -qe /tmp/half.cfg 2>/dev/null
	for id in $(xl list | awk 'NR > 1 { print $2 }'); do
		case " $before" in *" $id "*) ;; *) xl destroy "$id" ;; esac
	done
	domains_are "$before" || break
done
check "guests whose creator was killed: no zombie is left" within 10 domains_are "$before"
channels() { lsevtchn "$(store_domid)" | wc -l; }
channels_are() { [ "channels $(channels)" = "$(grep '^channels' /tmp/before)" ]; }
check "guests whose creator was killed: no channel is left" within 10 channels_are
equal "guests whose creator was killed: no mapping is left" "$(grep '^mapped' /tmp/before)" "mapped $(mapped)"
held() { grep '^links\|^grants\|^event\|connections'; }
equal "guests whose creator was killed: no connection is left" "$(held </tmp/before)" "$(counters | held)"
equal "the store finds nothing wrong in itself" OK "$(xenstore-control check)"
