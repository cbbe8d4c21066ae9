# Read by every scenario. A verdict is one line: `ok NAME`, `not ok NAME: why`, `skip NAME: why`.

ok() { echo "ok $1"; }
not_ok() {
	echo "not ok $1: $(echo "$2" | tr '\n' ' ' | cut -c1-500)"
	: >/tmp/failed
	return 1
}
skip() { echo "skip $1: $2"; }

# check NAME COMMAND...: the command exits 0
check() {
	name=$1
	shift
	if said=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "$* exited $?: $said"; fi
}

# refused NAME COMMAND...: the command exits with something else
refused() {
	name=$1
	shift
	if said=$("$@" 2>&1); then not_ok "$name" "$* exited 0: $said"; else ok "$name"; fi
}

# equal NAME EXPECTED ACTUAL
equal() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "expected [$2], got [$3]"; fi
}

# Limits are for the machine, not for the clock: beside other work of its host everything takes longer. A command has no
# limit of its own: one that never ends falls silent, and the lab examines the machine while it hangs (build/qemu.mjs).

# pace: how many times longer a piece of work takes now than on an idle host, at least 1
pace() {
	began=$(cut -d' ' -f1 /proc/uptime)
	for piece in $(seq 40); do busybox true; done
	awk -v began="$began" '{ slow = ($1 - began) / 0.2; printf "%d", slow < 1 ? 1 : slow + 0.5 }' /proc/uptime
}

# within SECONDS COMMAND...: the command exits 0 before that long. It is tried five times for each second, however long a
# try takes; before it is given up, the machine's pace at that time says how much more it should have.
within() {
	tries=$(($1 * 5)) more=$(($1 * 5))
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		if [ $tries -le 0 ]; then
			[ $more -gt 0 ] || return 1
			tries=$((more * ($(pace) - 1))) more=0
			[ $tries -gt 0 ] || return 1
		fi
		sleep 0.2
	done
}

# reads PATH VALUE: the node has that value
reads() { [ "$(xenstore-read "$1" 2>/dev/null)" = "$2" ]; }

# has FILE TEXT: the file contains the text
has() { grep -qF -- "$2" "$1"; }

# lines FILE TEXT N: exactly N lines of the file contain the text
lines() { [ "$(grep -cF -- "$2" "$1")" = "$3" ]; }

is_stub() { [ "$STORE" = stub ]; }
