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

# within SECONDS COMMAND...: the command exits 0 before that long
within() {
	deadline=$(($(date +%s) + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt $deadline ] || return 1
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
