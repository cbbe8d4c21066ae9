# A guest of each kind from its creation to its end, seen from Dom0.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
export XENSTORED_PATH=/dev/xen/xenbus

life_of() {
	kind=$1
	before=$(domains)
	xenstore-watch @introduceDomain @releaseDomain >/tmp/events-$kind &
	watcher=$!
	within 5 lines /tmp/events-$kind Domain 2

	check "$kind: xl create" xl create "$(config "$kind" rw)" || return 0
	id=$(xl domid "$kind-rw")
	here=/local/domain/$id
	check "$kind: @introduceDomain fires" within 5 lines /tmp/events-$kind @introduceDomain 2
	equal "$kind: xl list shows the guest" "$id" "$(xl list | awk "\$1 == \"$kind-rw\" { print \$2 }")"
	equal "$kind: xl has given it its name" "$kind-rw" "$(xenstore-read "$here/name")"
	check "$kind: Dom0 sees what the guest wrote" within 10 reads "$here/data/hello" world || guest_console "$kind-rw"
	equal "$kind: the guest owns what it wrote" "(n$id)" "$(xenstore-ls -p "$here/data" | awk '$1 == "hello" { print $NF }')"
	xenstore-write "$here/data/ping" "for $kind"
	check "$kind: the guest's watch fires and it answers" within 10 reads "$here/data/pong" "for $kind" || guest_console "$kind-rw"
	xenstore-write "$here/data/ping" again
	check "$kind: and a second time" within 10 reads "$here/data/pong" again

	check "$kind: xl destroy" xl destroy "$kind-rw"
	check "$kind: @releaseDomain fires" within 5 lines /tmp/events-$kind @releaseDomain 2
	check "$kind: no zombie is left" within 10 domains_are "$before" || xl list | sed 's/^/# /'
	check "$kind: its nodes are gone" within 5 sh -c "! xenstore-exists $here"
	kill $watcher
}

for kind in pv pvh; do
	if [ -e /lab/guest-$kind.gz ]; then life_of $kind; else not_ok "$kind: a guest" "its image was not built"; fi
done
