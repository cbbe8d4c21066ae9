# long: the PVH image
. /run/lab/debian.inc

up
equal "the relay has Debian's pid file" xenstore-relay "$(server)"
equal "the store is a domain" 1 "$(stores)"
told xl list
equal "of 16 MiB" 16 "$(xl list | awk '$1 == "Xenstore" { print $3 }')"
check "doctor finds nothing" xenstore-ts doctor
guest pv
echo 'OPTIONS="--entry-nb=500"' >>/etc/xenstore-ts.conf
check "enable daemon" xenstore-ts enable daemon
