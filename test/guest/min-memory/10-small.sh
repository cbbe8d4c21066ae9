# A store that gets too little memory says so: the domain builder for what it cannot place, the store for what is left.
# Nothing here may ask a store that does not serve, which `xl list` would do.
. /etc/lab.sh
. /lab/lib.sh

refused "1 MB is refused" start_stub 1
sed 's/^/# /' /tmp/launch.log
check "1 MB: the reason is printed" grep -qi memory /tmp/launch.log

LAUNCH_LIMIT=$((8 * $(pace)))
if start_stub 2; then
	check "2 MB: it starts, and serves" xenstore-write /t/x 1
elif grep -qi memory /tmp/launch.log; then
	ok "2 MB: the domain builder says that it is too small"
else
	stub_ring >/tmp/ring
	tr -d '\r' </tmp/ring | sed 's/^/# stub: /'
	check "2 MB: the store says that it is too small" grep -qi memory /tmp/ring
fi
