# A Linux guest with a disk and an interface lives through it.
. /lab/linux.inc
. /lab/takeover.inc

kind=pv
begin
prepare
start_linux
there_and_back "$TIMES" linux_lives
clients_of
check "linux, $kind: xl shutdown" xl shutdown -w "$guest"
left_over
finish
