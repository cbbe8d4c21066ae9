# The store is a domain, by installing the packages and nothing else.
. /run/lab/debian.inc

up
equal "the relay has Debian's pid file" xenstore-relay "$(server)"
equal "the store is a domain" 1 "$(stores)"
told xl list
told xenstore-ts status
check "status tells it" sh -c 'xenstore-ts status | grep -q "^serves now  *xenstore-ts 0\.[0-9.]* .*domain 1$"'
check "doctor finds nothing" xenstore-ts doctor
check "xenstore-ls" sh -c 'xenstore-ls /tool/xenstored | grep -q "^version = "'
check "xenstore-top" xenstore-top --once
monitored
guest pv
guest pvh
# What the administrator's pages say, as they say it. A host has devices, this one has none.
xenstore-write /local/domain/0/backend/vbd/9/state 1
while IFS='	' read -r page command; do
	check "$page: $command" sh -c "cd /tmp/lab && $command" </dev/null
done </run/lab/commands
check "systemctl restart xen.service" systemctl restart xen.service
equal "leaves the store" 1 "$(stores)"
up
equal "xenstore-control live-update" "" "$(xenstore-control live-update /usr/lib/xenstore-ts/xenstored.prog 2>&1 | grep -v '^OK$')"
guest pv
[ ! "$SHORT" ] || { remove; exit; }
check "another kind is chosen" xenstore-ts enable daemon
check "systemctl restart xen.service" systemctl restart xen.service
refused "starts no other store beside the domain" pidof oxenstored xenstored
check "enable with the other image" xenstore-ts enable stubdom --image pvh --memory 16
