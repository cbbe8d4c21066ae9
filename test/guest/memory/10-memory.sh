# Guests take what they can of the store's memory, in each of the ways of KINDS, as many as each number of GUESTS says.
# Meanwhile Dom0 writes, creates, lists and destroys as if they were not there, and the program does not fail.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
export XENSTORED_PATH=/dev/xen/xenbus GUEST_MEMORY=4
# What `within` does not drop
exec 3>&1
chmod +x /lab/xenstore-top

# What each of eight guests does. A home has one owner, and another who watches it.
MIXED="missing history owner watches values lists replies lists"

# words KIND COUNT N: what the Nth guest of so many does
words() {
	case $1-$2-$3 in
	# One after the other, and in the end it is deaf. Values take longest.
	mixed-1-*) echo "missing history lists watches" ;;
	mixed-*) echo "$MIXED" | cut -d' ' -f"$((($3 - 1) % 8 + 1))" ;;
	watches-1-*) echo watches ;;
	watches-*-1) echo owner ;;
	*) echo "$1" ;;
	esac
}

# guest N WORD...: creates it
guest() {
	number=$1
	shift
	sed "s|^name = .*|name = \"m$number\"|; s|^extra = .*|extra = \"act=memory $* rounds=$ROUNDS\"|" "$(config "$IMAGE" memory)" >/tmp/m.cfg
	# Nobody stays behind to watch over it.
	xl create -qe /tmp/m.cfg
}

figure() { xenstore-read "/tool/xenstored/$1" 2>/dev/null; }
# has_taken DOMID: it has done once all that it does, or reads nothing any more
has_taken() { reads "/local/domain/$1/data/deaf" yes || ! xenstore-exists "/local/domain/$1/data/go"; }
# all_have_taken: of the guests in `missing`, which is shortened. The lab waits for a line now and then.
all_have_taken() {
	left=''
	for id in $missing; do has_taken "$id" || left="$left $id"; done
	[ "$left" = "$missing" ] || echo "# $now: not done yet:${left:- none}" >&3
	missing=$left
	[ -z "$left" ]
}
# writes WHEN DIRECTORY: all of Dom0's WRITEs succeed
writes() { equal "$now: $WRITES of $WRITES WRITEs $1" "$WRITES -" "$(lab-wire /dev/xen/xenbus writes "/t/$2" "$WRITES")"; }

# memory KIND COUNT
memory() {
	kind=$1 count=$2
	now="$MEMORY MB, $kind by $count"
	began=$(cut -d' ' -f1 /proc/uptime)
	failures=$(figure recoveries) had=$(figure memory/engine-bytes)
	counters >/tmp/counters
	ids="" owner="" created=0
	for n in $(seq "$count"); do
		does=$(words "$kind" "$count" "$n")
		[ "$does$owner" = watches ] || [ "$does" != watches ] || does="watches home=$owner/home"
		if guest "$n" $does 2>/tmp/create; then created=$((created + 1)); else sed 's/^/# /' /tmp/create; fi
		id=$(xl domid "m$n" 2>/dev/null)
		ids="$ids $id"
		[ "$does" != owner ] || owner=/local/domain/$id/data
		case $does in *home=*) within 20 reads "/local/domain/$id/data/deaf" yes ;; esac
	done
	equal "$now: the guests are created" "$count" $created
	for id in $ids; do within 10 xenstore-write "/local/domain/$id/data/go" now; done
	writes "while they take it" a
	missing=$ids
	within 10 all_have_taken
	equal "$now: domains that have not done it once" "" "$missing"
	writes "while they have it" b
	check "$now: xl list" eval 'xl list | grep -q "^m1 "'
	check "$now: a guest more is created" xl create -qe "$(config "$IMAGE" rw)"
	check "$now: and served" within 20 reads "$(data "$IMAGE-rw")/hello" world
	check "$now: xenstore-ls of the domains" eval 'xenstore-ls /tool/xenstored/domain >/tmp/ls && grep -q refusals /tmp/ls'
	check "$now: xenstore-top --once" eval '/lab/xenstore-top --once -d 0.2 >/tmp/top && grep -q "^ *'"${ids##* }"' " /tmp/top'
	for id in $ids; do
		link=$(figure "domain/$id/connection")
		echo "# $now: domain $id: memory $(figure "domain/$id/memory"), refusals $(figure "domain/$id/refusals"), waiting $(figure "connection/$link/queue"), rounds $(xenstore-read "/local/domain/$id/data/rounds" 2>/dev/null)"
	done
	echo "# $now: the engine has $(figure memory/engine-bytes) of $(figure memory/engine-limit-bytes) bytes, and had $had before"
	check "$now: the culprit is destroyed" xl destroy m1
	equal "$now: the program has not failed" "$failures" "$(figure recoveries)"
	for n in $(seq 2 "$count"); do xl destroy "m$n"; done
	xl destroy "$IMAGE-rw"
	check "$now: no domain is left" within 20 domains_are "$before"
	xenstore-rm /t
	check "$now: no node, watch or record is left" within 10 counters_are /tmp/counters ||
		counters | diff /tmp/counters - | sed 's/^/# /'
	equal "$now: the store finds nothing wrong in itself" OK "$(xenstore-control check)"
	echo "# $now: $(awk -v began="$began" '{ printf "%.0f", $1 - began }' /proc/uptime) s"
}

# The first guest of all leaves the directories that every later one uses.
xl create -qe "$(config "$IMAGE" rw)" && xl destroy "$IMAGE-rw"
within 10 eval '[ "$(xl list | wc -l)" = 3 ]'
before=$(domains)
for count in $GUESTS; do
	for kind in $KINDS; do memory "$kind" "$count"; done
done
