# The store's image is replaced by the same one again and again: kernel, C and program start anew in the same domain.
# Whoever writes, watches, creates or destroys guests meanwhile loses nothing.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
. /lab/takeover.inc
export XENSTORED_PATH=$ring

check "a guest before" xl create "$(config pv rw)"
check "it writes" within 20 reads "$(data pv-rw)/hello" world
first=$(data pv-rw)
equal "$NODES nodes are made" "$NODES -" "$(lab-wire $ring fill /t/dir "$NODES")"
load $ring
for round in $(seq "$TIMES"); do
	check "$round: another image" xenstore-control live-update -t 60 /lab/stub.gz
	notices "$round" "round $round"
done
equal "the store knows of them" "$TIMES whole" \
	"$(xenstore-read /tool/xenstored/outage/wholes) $(xenstore-read /tool/xenstored/outage/last)"
echo "# the last time without service: $(xenstore-read /tool/xenstored/outage/last-ms) ms"
equal "the values of the $NODES" "$NODES" "$(lab-wire $ring count /t/dir "$NODES")"
head -c 100000 /lab/stub.gz >/tmp/short.gz
refused "an image that is not whole" xenstore-control live-update /tmp/short.gz
head -c 100000 /dev/urandom | gzip >/tmp/other.gz
refused "what is no image" xenstore-control live-update /tmp/other.gz
for broken in program code; do
	why=$(xenstore-control live-update /lab/broken-$broken.gz 2>&1)
	check "an image whose $broken is broken gives the domain back: ${why##*: }" [ $? != 0 ]
	notices "after a broken $broken" "after a broken $broken"
done
equal "which count for nothing" "$TIMES" "$(xenstore-read /tool/xenstored/outage/wholes)"
check "and another image can come" xenstore-control live-update /lab/stub.gz
notices "at the end" "at the end"
finish
