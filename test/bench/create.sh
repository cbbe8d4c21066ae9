# Prints what creating guests takes beside those that are there: `@ KEY NUMBER` lines. GUESTS: how many in the end.
. /lab/crowd.inc
# The same guest whoever the store is.
export CROWD_KIND=pv

start_store && start_services || {
	post_mortem
	exit 1
}
resident() { is_stub || echo "@ resident-$1 $(awk '$1 == "VmRSS:" { print $2 }' "/proc/$(cat /run/xen/xenstored.pid)/status")"; }
# The first guest of all pays for what every later one finds.
one 0
xl destroy c0
within 10 count_is 0
for n in $(seq "$GUESTS"); do
	took=$(lab-wire - run sh -c ". /lab/crowd.inc; one $n") || {
		echo "guest $n was not created"
		exit 1
	}
	echo "@ create-$n $took"
	case $n in
	1 | 10 | 100)
		resident "$n"
		id=$(xl domid c1)
		# Who looks at every domain whenever one comes or goes would be measured with it.
		kill -STOP $(pidof xenconsoled)
		set -- $(lab-many /dev/xen/xenbus pairs "$id" "$(xenstore-read "/local/domain/$id/store/port")" 60)
		echo "@ release-$n $1"
		echo "@ introduce-$n $2"
		kill -CONT $(pidof xenconsoled)
		;;
	esac
done
within 10 count_is "$GUESTS" || exit 1
