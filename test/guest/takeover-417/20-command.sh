# The same by xenstore-ts, as a person does it. This daemon serves when it begins.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc

PATH=$PATH:/lab/bin
own=/usr/lib/xenstore-ts/xenstored
mkdir -p /usr/lib/xenstore-ts
cp /lab/xenstored /lab/xenstored-domains.so /usr/lib/xenstore-ts/
cp /run/xen/xenstored.pid /run/xenstore.pid
process=$(cat /run/xenstore.pid)
C_XENSTORED=/usr/lib/xen-$XEN/bin/xenstored
serves() { [ "$(readlink "/proc/$process/exe")" = "$1" ]; }
tree() { xenstore-ls -fp / | grep -v '^/tool/xenstored'; }

check "a node" xenstore-write /by/hand yes
check "back to C xenstored, by the stock command" xenstore-control live-update "$C_XENSTORED"
refused "giveback: C xenstored serves already" xenstore-ts giveback
tree >/tmp/before
check "takeover --dry-run" xenstore-ts takeover --dry-run
check "C xenstored serves as before" serves "$C_XENSTORED"
check "takeover" xenstore-ts takeover
check "this daemon serves" serves $own
tree | cmp - /tmp/before || tree | diff /tmp/before - | head -n 20 | sed 's/^/# /'
check "every node, value and permission is there" eval 'tree | cmp -s - /tmp/before'
refused "takeover: it serves already" xenstore-ts takeover
xenstore-write /by/other x
check "giveback --dry-run" xenstore-ts giveback --dry-run
check "this daemon serves as before" serves $own
equal "and its rings offer what they did" 15 "$(lab-ring own | awk '$1 == "features" { print $2 }')"
tree >/tmp/before
check "giveback" xenstore-ts giveback
check "C xenstored serves" serves "$C_XENSTORED"
check "every node, value and permission is there again" eval 'tree | cmp -s - /tmp/before'
mv $own $own.away
echo '#!/bin/sh' >$own
chmod 755 $own
refused "takeover by what is no xenstored is not tried" xenstore-ts takeover
mv $own.away $own
check "C xenstored serves yet" reads /by/hand yes
check "a guest is created" xl create "$(config pv rw)"
check "and served" within 20 reads "$(data pv-rw)/hello" world
