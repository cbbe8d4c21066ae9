# The stock script starts the domain, init-xenstore-domain gives it the device, its files are in Dom0.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
home=/var/lib/xen/xenstore

check "launch-xenstore starts the domain" launch_stock XENSTORETYPE=domain XENSTORE_DOMAIN_KERNEL=/lab/stub.gz \
	"XENSTORE_DOMAIN_SIZE=$MEMORY" "XENSTORE_DOMAIN_ARGS='--param --trace-file=trace.log'" || exit 1
sed 's/^/# /' /tmp/launch.log
check "the services start" start_services

if [ "$XEN" = 4.17 ]; then
	# No share comes: what is to be in a file goes to the console.
	check "after half a minute the lines go to the console" within 40 eval "stub_console | grep -q 'its lines come here'"
	check "and go on there" eval "xenstore-write /t/console 1 && sleep 1 && stub_console | grep -q 'WRITE (/t/console'"
	equal "a file is refused" "other.log: There are no files here." "$(xenstore-control logfile other.log)"
	exit
fi

refused "nothing is missing for the device" grep -q "own domid\|9pfs" /tmp/launch.log
check "xen-init-dom0 does all its work" has /tmp/xen-init-dom0.log "Done setting up Dom0"
check "Dom0 has its name" reads /local/domain/0/name Domain-0
check "and its settings for xl" test -s /var/lib/xen/userdata-d.0.00000000-0000-0000-0000-000000000000.libxl-json
check "both sides are connected" eval "within 5 reads /local/domain/1/device/9pfs/0/state 4 && reads /local/domain/0/backend/xen_9pfs/1/0/state 4"
check "the trace began with the store" within 5 has $home/trace.log "WRITE (/tool/xenstored/domid"

# line NAME FILE: a write shows in the file
line() {
	xenstore-write "/t/$1" 1
	check "$1 is in $2" within 5 has "$home/$2" "/t/$1"
}

line first trace.log
check "logfile takes another" xenstore-control logfile other.log
line second other.log
equal "and not the one before" 0 "$(grep -c /t/second $home/trace.log)"
equal "a file elsewhere is refused" "/tmp/elsewhere: File not accessible." "$(xenstore-control logfile /tmp/elsewhere)"
equal "the trace and the clock of Dom0 agree" "$(date -u +%Y%m%d)" "$(sed -n 's/^io: IN [^ ]* (d0) \([0-9]*\) .*second.*/\1/p' $home/other.log)"

check "the access log" xenstore-control config access-log-nb-lines 40
check "of which two are kept" xenstore-control config access-log-nb-files 2
check "has a file" xenstore-control config access-log-file access.log
check "and is on" xenstore-control config access-log true
line third access.log
lab-wire /dev/xen/xenbus fill /t/many 100 >/dev/null
check "full files make room" within 10 eval "[ -s $home/access.log.1 ] && [ -s $home/access.log.2 ] && [ ! -e $home/access.log.3 ]"
check "and none has more lines" test "$(cat $home/access.log* | wc -l)" -le 120
check "the log" xenstore-control config xenstored-log-file log
# One file at a time is written.
says_ok() { [ "$(xenstore-control "$@" | tr -d '\0')" = OK ]; }
check "trace-dump writes there" says_ok trace-dump packets
check "memreport" within 5 says_ok memreport memory
check "and is whole" within 5 has $home/memory share-requests
check "dump" within 5 says_ok dump state
within 5 eval "[ \$(wc -c <$home/state) -gt 1000 ]"
equal "which is a migration stream" xenstore "$(head -c 8 $home/state)"
size=$(wc -c <$home/state)
sleep 1
equal "and was whole" "$size" "$(wc -c <$home/state)"

check "a live update" xenstore-control live-update /lab/program
line fourth other.log
check "the access log goes on" within 5 eval "grep -q /t/fourth $home/access.log*"
check "another image" xenstore-control live-update /lab/stub.gz
line image other.log
check "the access log goes on" within 5 eval "grep -q /t/image $home/access.log*"
check "failures" xenstore-control config inject-faults 3
lab-wire /dev/xen/xenbus insist /t/faults 60 >/dev/null
for try in 1 2 3 4 5; do says_ok config inject-faults 0 && break; done
check "the program was started anew" test "$(xenstore-control metrics | sed -n 's/^xenstored_recoveries_total //p')" -gt 0
line fifth other.log
check "what failed is in the log" within 5 has $home/log "recovery"

pid=$(pidof xen-9pfsd)
kill -STOP "$pid"
equal "a server that hangs holds nobody up" "300 -" "$(lab-wire /dev/xen/xenbus fill /t/dir 300)"
kill -CONT "$pid"
line sixth other.log
check "and told below /tool/xenstored" test "$(xenstore-read /tool/xenstored/share/lines-lost)" -gt 0
check "what did not fit is counted" within 5 has $home/other.log "lines were left out"
kill -KILL "$pid"
check "nor does one that dies" xenstore-write /t/dead 1
xenstore-rm /local/domain/0/libxl/xen-9pfs
xen-9pfsd >/dev/null 2>&1 &
line seventh other.log
check "with the lines of before" within 5 has $home/other.log /t/dead

check "a guest is created" xl create "$(config "$IMAGE" rw)"
check "and served" within 20 reads "$(data "$IMAGE-rw")/hello" world
