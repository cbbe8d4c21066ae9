# long: settings that are wrong
. /run/lab/debian.inc

up
equal "Xen's own store serves" oxenstored "$(server)"
check "the log tells why" journal "TYPE=stubdomain in /etc/xenstore-ts.conf is none of stubdom, daemon, off"
refused "doctor tells it" sh -c 'xenstore-ts doctor >/tmp/doctor'
told cat /tmp/doctor
check "by its name" has /tmp/doctor TYPE=stubdomain
guest pv
check "enable mends it" xenstore-ts enable stubdom
remove
