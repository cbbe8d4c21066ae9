# What clients do that mean well, and the limits of those that take what they can get.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
export XENSTORED_PATH=/dev/xen/xenbus GUEST_MEMORY=8
kind=$IMAGE

before=$(domains)
xl create "$(config $kind watcher)" >/dev/null
at=$(data $kind-watcher)
check "watcher: its first event is the watch itself" within 10 reads "$at/seen" 1
for i in 1 2 3 4 5; do
	xenstore-write "$at/w/$i" $i
	within 10 reads "$at/seen" $((i + 1)) || break
done
equal "watcher: one event for each change" 6 "$(xenstore-read "$at/seen")"

xl create "$(config $kind maker)" >/dev/null
at=$(data $kind-maker)
check "maker: 50 transactions end" within 30 reads "$at/made" 50
equal "maker: each of them counted once" 50 "$(xenstore-read "$at/n")"

xl create "$(config $kind hoarder)" >/dev/null
at=$(data $kind-hoarder)
check "hoarder: it has tried everything" within 40 grow "$at/nodes" ENOSPC
equal "hoarder: it had 128 watches" "128 ENOSPC" "$(xenstore-read "$at/watches")"
equal "hoarder: it had 10 transactions" "10 ENOSPC" "$(xenstore-read "$at/transactions")"
check "hoarder: it had most of its 1,000 nodes" [ "$(xenstore-read "$at/nodes" | cut -d' ' -f1)" -gt 900 ]
config $kind channels >/dev/null
echo 'max_event_channels = 12000' >>/tmp/$kind-channels.cfg
xl create /tmp/$kind-channels.cfg >/dev/null
check "channels: more than 4,095 event channels work" within 40 reads "$(data $kind-channels)/channels" "6000 made, 6000 fired" ||
	xenstore-read "$(data $kind-channels)/channels"

for act in watcher maker hoarder channels; do xl destroy $kind-$act; done
check "kinds: no zombie is left" within 10 domains_are "$before"
