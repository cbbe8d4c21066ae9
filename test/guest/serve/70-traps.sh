# What the kernel does not survive ends the domain at once, and says why.
. /etc/lab.sh
. /lab/lib.sh
# It has nothing to do with how many processors there are.
[ "$SMP" = 1 ] || exit 0
. /lab/guests.inc
export XENSTORED_PATH=/dev/xen/xenbus

# crash KIND ACT: creates the guest, waits until it has crashed, leaves its console in /tmp/console
crash() {
	xl create "$(config "$1" "$2")" >/dev/null 2>&1
	within 10 crashed "$1-$2"
	said=$?
	lab-conring "$(xl domid "$1-$2")" >/tmp/console 2>&1
	xl destroy "$1-$2"
	return $said
}
crashed() { xl list "$1" | awk 'NR == 2 { print $5 }' | grep -q c; }

for kind in pv pvh; do
	[ -e /lab/guest-$kind.gz ] || continue
	check "trap, $kind: a write to address 16 ends the guest" crash $kind trap
	check "trap, $kind: it says which trap" has /tmp/console "trap 14"
	check "trap, $kind: it says where" has /tmp/console "address 0x10"
	check "trap, $kind: it prints a call chain" has /tmp/console "called from 0x"
	check "trap, $kind: the program has its last words" has /tmp/console "guest: last words"
	check "text, $kind: a write into the text ends the guest" crash $kind text
	check "text, $kind: it says which trap" has /tmp/console "trap 14"
	refused "text, $kind: nothing was written" has /tmp/console "went through"
	check "stack, $kind: its end ends the guest" crash $kind stack
	refused "stack, $kind: it did not run on" has /tmp/console "came back"
done
# In PVH traps have a stack of their own; in PV Xen finds no room for the frame and says so itself.
[ ! -e /lab/guest-pvh.gz ] || check "stack, pvh: it says which trap" has /tmp/console "trap 14"
