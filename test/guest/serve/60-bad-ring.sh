# A guest that writes nonsense into its ring's indexes loses its connection, and nothing else changes.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
export XENSTORED_PATH=/dev/xen/xenbus

# ring ID FIELD: a field of the guest's ring page, read through Dom0's right to map it
ring() { lab-ring "$1" "$(xenstore-read "/local/domain/$1/store/ring-ref")" | awk -v f="$2" '$1 == f { print $2 }'; }
error_is() { [ "$(ring "$1" error)" = "$2" ]; }

if [ ! -e /lab/guest-pv.gz ]; then
	not_ok "bad ring: a guest" "its image was not built"
	exit 0
fi
before=$(domains)
check "bad ring: a good guest beside it" xl create "$(config pv rw)" || exit 0
good=$(xl domid pv-rw)
within 10 reads "/local/domain/$good/data/hello" world
xenstore-write /t/keep kept
xenstore-ls -fp / | grep -v "^/local/domain/0\|^/tool/xenstored/\|^$" >/tmp/before

for kind in pv pvh; do
	[ -e /lab/guest-$kind.gz ] || continue
	xl create "$(config $kind badring)" >/dev/null 2>&1
	bad=$(xl domid $kind-badring)
	name="bad ring, $kind: the guest is told its error"
	if [ "$STORE" = ocaml ]; then
		skip "$name" "this store has no error field"
	else
		check "$name" within 10 error_is "$bad" 2 || guest_console "$kind-badring"
	fi
	equal "bad ring, $kind: the good guest has none" 0 "$(ring "$good" error)"
	xenstore-write "/local/domain/$good/data/ping" "after $kind"
	check "bad ring, $kind: the good guest is served" within 10 reads "/local/domain/$good/data/pong" "after $kind"
	equal "bad ring, $kind: other nodes are as they were" kept "$(xenstore-read /t/keep)"
	check "bad ring, $kind: the guest can be destroyed" xl destroy $kind-badring
	check "bad ring, $kind: its nodes are gone" within 5 sh -c "! xenstore-exists /local/domain/$bad"
done
xenstore-ls -fp / | grep -v "^/local/domain/0\|^/tool/xenstored/\|^$" >/tmp/after
diff /tmp/before /tmp/after | grep -v 'data/p[io]ng' | grep '^[<>]' >/tmp/changed
equal "bad ring: the rest of the tree is as it was" "" "$(cat /tmp/changed)"
xl destroy pv-rw
check "bad ring: no zombie is left" within 10 domains_are "$before"
xenstore-rm /t
