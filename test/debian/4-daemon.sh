# long: the daemon
. /run/lab/debian.inc

up
equal "the daemon serves" xenstored "$(server)"
equal "of this package" /usr/lib/xenstore-ts/xenstored "$(readlink "/proc/$(cat /run/xenstore.pid)/exe")"
equal "no domain does" 0 "$(stores)"
equal "its option came through" 500 "$(xenstore-control quota | tr '\0' '\n' | awk '$1 == "nodes" { print $3 }')"
told xenstore-ts status
check "doctor finds nothing" xenstore-ts doctor
before=$(cat /run/xenstore.pid)
guest pv
check "systemctl restart xen.service" systemctl restart xen.service
equal "leaves the daemon" "$before" "$(cat /run/xenstore.pid)"
equal "a change of settings" "" "$(xenstore-ts enable stubdom | grep -v '^changed\|^after a restart of the host')"
check "and another start of xen.service" systemctl restart xen.service
equal "leave the daemon" "$before" "$(cat /run/xenstore.pid)"
equal "alone" 0 "$(stores)"
# What no program writes: a wrong word, which must not leave the host without a store.
sed -i 's/^TYPE=.*/TYPE=stubdomain/' /etc/xenstore-ts.conf
