# Prints what creating guests takes beside those that are there: `@ KEY NUMBER` lines. GUESTS: how many in the end.
. /lab/crowd.inc
# The same guest whoever the store is.
export CROWD_KIND=pv

start_store && start_services || {
	post_mortem
	exit 1
}
# figure NAME: bytes of our own store, by its own count
figure() { xenstore-control memreport | tr '\0' '\n' | awk -v name="$1:" '$1 == name { print $2 }'; }
# KiB that the daemon has taken from its host, and how much of it is in use. A stub domain knows what it has not taken yet:
# less than nothing, because only differences count.
memory() {
	case $STORE in
	stub) echo "@ taken-$1 $((-$(figure kernel-left-bytes) / 1024))" ;;
	*) echo "@ taken-$1 $(awk '$1 == "VmRSS:" { print $2 }' "/proc/$(cat /run/xen/xenstored.pid)/status")" ;;
	esac
	case $STORE in
	stub | dom0) echo "@ used-$1 $((($(figure engine-bytes) + $(figure journal-bytes) + $(figure link-bytes)) / 1024))" ;;
	esac
}
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
		memory "$n"
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
