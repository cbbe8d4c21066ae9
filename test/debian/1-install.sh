# The host as Debian's installer leaves it, and the packages.
. /run/lab/debian.inc

up
equal "Debian's own store serves" oxenstored "$(server)"
before=$(cat /run/xenstore.pid)
xenstore-write /kept value
check "apt install" apt-get install -y /run/lab/xenstore-ts_*.deb /run/lab/xenstore-ts-stubdom_*.deb
equal "the store that runs is still there" "$before" "$(cat /run/xenstore.pid)"
equal "with what it held" value "$(xenstore-read /kept)"
told xenstore-ts status
check "status tells what serves" sh -c 'xenstore-ts status | grep -q "^serves now .*oxenstored"'
check "and what will" sh -c 'xenstore-ts status | grep -q "^after a restart .*a domain of 32 MiB"'
refused "doctor tells that a restart is due" sh -c 'xenstore-ts doctor >/tmp/doctor'
told cat /tmp/doctor
equal "that and nothing else" 1 "$(grep -c '^[^ ]' /tmp/doctor | awk '{ print $1 - 1 }')"
