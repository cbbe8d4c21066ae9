# A Linux guest with a disk and an interface lives through it, and fifty watchers are told of everything once.
. /lab/linux.inc
. /lab/takeover.inc
export XENSTORED_PATH=$ring

check "a guest before" xl create "$(config pv rw)"
check "it writes" within 20 reads "$(data pv-rw)/hello" world
first=$(data pv-rw)
kind=pv
prepare
start_linux
load $ring
for n in $(seq 6 50); do xenstore-watch /t/w >"/tmp/more$n" 2>/dev/null & done
more_have() { for n in $(seq 6 50); do lines "/tmp/more$n" /t/w "$1" || return 1; done; }
within 60 more_have 1
for round in $(seq "$TIMES"); do
	check "$round: another image" xenstore-control live-update -t 60 /lab/stub.gz
	notices "$round" "round $round"
	check "$round: and so are the others" within 60 more_have $((told + 1))
	linux_lives
done
equal "the store knows of them" "$TIMES whole" \
	"$(xenstore-read /tool/xenstored/outage/wholes) $(xenstore-read /tool/xenstored/outage/last)"
check "linux, $kind: xl shutdown" xl shutdown -w "$guest"
left_over
finish
