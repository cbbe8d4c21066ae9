# Read by each stage.
. /run/lab/env
. /run/lab/lib.sh
mkdir -p /tmp/lab
# The guests' configurations name files of the lab's Dom0.
ln -sfn /run/lab /lab
. /run/lab/guests.inc
STORE=stub

# server: the program whose pid Debian's init script keeps
server() { basename "$(readlink "/proc/$(cat /run/xenstore.pid)/exe" | sed "s/ (deleted)$//")"; }
# stores: how many domains are stores
stores() { xl list | grep -c '^Xenstore '; }
# up: the host has come up as it should
up() {
	equal "xen.service is active" active "$(systemctl is-active xen.service)"
	check "the socket serves" xenstore-read -s /
	equal "Dom0 has its name" Domain-0 "$(xenstore-read /local/domain/0/name)"
}
# guest KIND: a guest lives and ends
guest() {
	check "xl create, a $1 guest" xl create "$(config "$1" rw)"
	check "it is served" within 30 reads "$(data "$1-rw")/hello" world
	check "xl destroy" xl destroy "$1-rw"
}
# told COMMAND...: what it prints, as remarks
told() { "$@" 2>&1 | sed 's/^/# /'; }
# journal WORD: the log of xen.service has the word
journal() { journalctl -b -u xen.service --no-pager | grep -q -- "$1"; }
# remove: the packages go, and the store that runs stays as it is, also when xen.service is started again
remove() {
	before=$(server)
	check "apt remove" apt-get remove -y xenstore-ts xenstore-ts-stubdom
	check "systemctl restart xen.service" systemctl restart xen.service
	equal "the store that runs is still there" "$before" "$(server)"
	check "and serves" xenstore-read -s /
	! [ "$before" = xenstore-relay ] || refused "no other store is started beside it" pidof oxenstored xenstored
}
