# long: the PVH image
. /run/lab/debian.inc

up
equal "the relay has Debian's pid file" xenstore-relay "$(server)"
equal "the store is a domain" 1 "$(stores)"
told xl list
equal "of 16 MiB" 16 "$(xl list | awk '$1 == "Xenstore" { print $3 }')"
check "doctor finds nothing" xenstore-ts doctor
guest pv
# As hosts with launch-xenstore serve the socket.
kill "$(cat /run/xenstore.pid)"
check "the relay of the start script ends" within 10 [ ! -e /run/xenstored/socket ]
check "systemd takes the unit of the relay" systemd-analyze verify --man=no /usr/lib/systemd/system/xenstore-relay.service
check "which serves the socket" eval "systemctl start xenstore-relay.service && xenstore-read -s /local/domain/0/name"
check "and ends" systemctl stop xenstore-relay.service
check "xen.service begins another relay" eval "systemctl restart xen.service && xenstore-read -s /"
echo 'OPTIONS="--entry-nb=500"' >>/etc/xenstore-ts.conf
check "enable daemon" xenstore-ts enable daemon
