# A guest gets the number of one that died with everything in its hands, and sees nothing of it.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
export XENSTORED_PATH=/dev/xen/xenbus GUEST_MEMORY=8 LIBXL_DOMID_REUSE_TIMEOUT=0
# Types of the protocol's messages
DIRECTORY=1 READ=2 WATCH=4 START=6 END=7 WRITE=11 SET_TARGET=19 SET_QUOTA=26

# create NAME [DOMID]: a guest that does as it is told, not running yet; leaves its number in $id
create() {
	new=$1
	sed "s/^name = .*/name = \"$new\"/" "$(config $kind obey)" >/tmp/$new.cfg
	set -- ${2:+env "DOMID=$2" LD_PRELOAD=/lab/bin/lab-domid.so}
	check "$kind: $new is created" "$@" xl create -q -p /tmp/$new.cfg || exit 1
	id=$(xl domid $new)
}
# tell ORDER, and ask, which prints what came of it: to the guest with the number in question (images/guest/obey.c)
tell() { xenstore-write "/local/domain/$number/data/do" "$1"; }
ask() {
	answer=/local/domain/$number/data/said
	xenstore-rm $answer 2>/dev/null
	tell "$1"
	within 10 xenstore-exists $answer && xenstore-read $answer | sed 's/\.$//'
}
obeyed() { ! xenstore-exists "/local/domain/$number/data/do"; }
# What the store counts of a domain; a connection's number never comes again.
counts() { xenstore-ls "/tool/xenstored/domain/$1" | grep -v '^connection ' | sed "s/\"$1\"/own/"; }
count() { xenstore-read "/tool/xenstored/domain/$1/$2" | cut -d' ' -f1; }
queue() { xenstore-read "/tool/xenstored/connection/$(xenstore-read "/tool/xenstored/domain/$1/connection")/queue"; }
store() { lab-wire $XENSTORED_PATH ask "$@"; }

# What a guest can have in its hands when it dies, each seen from Dom0.
live() {
	create first
	number=$id
	xenstore-write /reuse/granted "of Dom0" /reuse/open ''
	xenstore-chmod /reuse/granted n0 b$number
	xenstore-chmod /reuse/open n0 b$number
	xenstore-chmod "/local/domain/$neighbour/data" n$neighbour
	equal "$kind: it gets a neighbour's rights" OK "$(store $SET_TARGET $number $neighbour)"
	equal "$kind: and a quota of its own" OK "$(store $SET_QUOTA $number watches 99)"
	xl unpause first
	equal "$kind: it writes where it may" OK "$(ask "$WRITE 0 /reuse/granted mine")"
	equal "$kind: and at its neighbour's" OK "$(ask "$WRITE 0 /local/domain/$neighbour/data/from-first mine")"
	equal "$kind: it leaves a node with Dom0" OK "$(ask "$WRITE 0 /reuse/open/left mine")"
	equal "$kind: it watches" OK "$(ask "$WATCH 0 /reuse/granted first")"
	equal "$kind: twice" OK "$(ask "$WATCH 0 data/own first")"
	transaction=$(ask "$START 0 ")
	equal "$kind: it writes in a transaction" OK "$(ask "$WRITE $transaction data/unseen mine")"
	tell half
	within 10 obeyed
	# Each event has another path, so that none of them is merged with the one before.
	equal "$kind: it is sent events" "600 -" "$(lab-wire $XENSTORED_PATH fill /reuse/granted 600)"
	check "$kind: events wait for it" [ "$(queue $number)" -gt 50 ]
	equal "$kind: three watches, a transaction" "3 1" "$(count $number watches) $(count $number transactions)"
	check "$kind: six hundred nodes name it in their permissions" [ "$(naming $number)" -gt 600 ]
}
naming() { xenstore-ls -fp /reuse | grep -c "[(,][nrwb]$1[,)]"; }

inherit() {
	create later $number
	equal "$kind: it has the number of the dead" $number "$id"
	counts $fresh >/tmp/never-used
	counts $number >/tmp/used
	check "$kind: the store counts the same of it as of a guest whose number is new" diff /tmp/never-used /tmp/used
	equal "$kind: no event waits for it" 0 "$(queue $number)"
	xl unpause later
	equal "$kind: its ring is served" $number "$(ask "$READ 0 domid")"
	for refusal in "$READ 0 /reuse/granted" "$READ 0 /reuse/granted/7" "$WRITE 0 /reuse/granted mine" \
		"$DIRECTORY 0 /reuse/open" "$WRITE 0 /reuse/open/left mine" "$READ 0 /local/domain/$neighbour/data/from-first"; do
		equal "$kind: refused: $refusal" EACCES "$(ask "$refusal")"
	done
	equal "$kind: the transaction is not its own" ENOENT "$(ask "$READ $transaction domid")"
	equal "$kind: nor can it end it" ENOENT "$(ask "$END $transaction T")"
	equal "$kind: nobody has seen what was in it" ENOENT "$(ask "$READ 0 data/unseen")"
	xenstore-write /reuse/granted again /reuse/granted/7 again "/local/domain/$number/data/own" again
	equal "$kind: no watch of the dead fires" 0 "$(ask strange)"
	equal "$kind: its own do" OK "$(ask "$WATCH 0 data/own later")"
	check "$kind: and are counted" within 5 eval '[ "$(ask strange)" = 1 ]'
}

kind=$IMAGE
before=$(domains)
create other
neighbour=$id
create fresh
fresh=$id
live
check "$kind: it dies" xl destroy first
check "$kind: no zombie of it is left" within 10 eval '! domains | grep -q " $number "'
equal "$kind: nobody's permissions name it" 0 "$(naming $number)"
refused "$kind: what it left with Dom0 is gone" xenstore-exists /reuse/open/left
# The toolstack's clock of numbers that were in use has whole seconds.
sleep 2
inherit
for guest in later fresh other; do xl destroy $guest; done
check "$kind: no zombie is left" within 10 domains_are "$before"
xenstore-rm /reuse
equal "the store finds nothing wrong in itself" OK "$(xenstore-control check)"
