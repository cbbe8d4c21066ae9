# All kinds of hostile guests at the same time: the store goes on, a good guest and Dom0 are served, nothing is left over.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
export XENSTORED_PATH=/dev/xen/xenbus GUEST_MEMORY=8
kind=$IMAGE
acts="oversized partial deaf flood storm revoke unbind vanish"

# The good guest and Dom0 are served.
served() {
	xenstore-write "$good/ping" "$1"
	check "$1: a good guest is served" within 20 reads "$good/pong" "$1"
	xenstore-write /t/dom0 "$1"
	equal "$1: Dom0 is served" "$1" "$(xenstore-read /t/dom0)"
}

before=$(domains)
check "hostile: a good guest" xl create "$(config $kind rw)" || exit 1
good=$(data $kind-rw)
within 10 reads "$good/hello" world
xenstore-write "$good/ping" first /t/dom0 first
within 10 reads "$good/pong" first
counters >/tmp/counters

for act in $acts; do
	check "$act: the guest is created" xl create "$(config $kind $act)" || continue
	id=$(xl domid $kind-$act 2>/dev/null)
	# That which has ended already had written it before.
	[ $act = vanish ] || check "$act: it acts" within 20 reads "/local/domain/$id/data/acting" yes
	case $act in
	oversized) check "oversized: its ring tells it: a protocol error" within 10 ring_error "$id" 3 ;;
	storm | revoke) check "$act: it is served afterwards" within 40 reads "/local/domain/$id/data/after" served ;;
	esac
	served $act
done
check "all at once: xl list" xl list
equal "all at once: the store finds nothing wrong in itself" OK "$(xenstore-control check)"

for act in $acts; do [ $act = vanish ] || xl destroy $kind-$act & done
wait
check "hostile: no zombie is left" within 20 eval '[ "$(domains)" = "$before$(xl domid $kind-rw) " ]'
served end
xenstore-write "$good/ping" first /t/dom0 first
within 10 reads "$good/pong" first
check "hostile: no node, watch or record is left" within 10 counters_are /tmp/counters
counters | diff /tmp/counters - | sed 's/^/# /'
xl destroy $kind-rw
