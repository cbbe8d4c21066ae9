#!/bin/sh
# Installs the packages of the given kinds (default: host) whose program is missing. If it cannot, it prints one line and
# fails.
set -eu
kinds=${*:-host}

# A package counts as installed if its program is there, or the library of clang's own.
there() {
	case "$1" in
	lib*) [ -e "$(clang -print-file-name="$1" 2>/dev/null)" ] ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

missing=
while read -r name _ kind program; do
	case " $kinds " in *" $kind "*) ;; *) continue ;; esac
	there "$program" || missing="$missing $name"
done <build/packages

node=$(node --version 2>/dev/null | sed 's/^v//; s/\..*//')
[ "${node:-0}" -ge 20 ] || { echo "tools: Node 20 or newer is needed, this machine has ${node:-none}" >&2; exit 1; }

[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null 2>&1 || { echo "tools: missing$missing, and this machine is not Debian: install them by hand" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "tools: missing$missing, and only root can install them: apt-get install$missing" >&2; exit 1; }

echo "tools: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # the list is meant to be split
install() { apt-get -o DPkg::Lock::Timeout=300 -qq install -y --no-install-recommends $missing >"$log" 2>&1; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The package lists may be missing or older than the archive: update them once if the first try fails.
install || { apt-get -qq update >/dev/null 2>&1 || true; install; } || {
	echo "tools: cannot install$missing: $(grep '^E:' "$log" | head -n 1)" >&2
	exit 1
}
