# A PV guest with Debian's kernel boots with its own xenbus driver, has its devices and its nodes, and ends.
. /lab/linux.inc
kind=pv
prepare
start_linux
clients_of
check "linux, $kind: xl shutdown" xl shutdown -w "$guest"
left_over
