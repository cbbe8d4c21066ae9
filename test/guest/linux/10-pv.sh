# A PV guest with Debian's kernel boots with its own xenbus driver, has its devices and its nodes, and ends.
. /lab/linux.inc
kind=pv
prepare
start_linux
clients_of
check "linux, $kind: xl shutdown" timeout 40 xl shutdown -w "$guest"
left_over
