# The whole executable is replaced while guests run: rings, sockets, watches and the process stay.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc

ring=/dev/xen/xenbus socket=/run/xenstored/socket
daemon=$(cat /run/xen/xenstored.pid)
export XENSTORED_PATH=$ring

check "a guest before" xl create "$(config pv rw)"
here=/local/domain/$(xl domid pv-rw)
check "the guest writes" within 10 reads "$here/data/hello" world
xenstore-watch -n 2 /t/r >/tmp/by-ring &
XENSTORED_PATH=$socket xenstore-watch -n 2 /t/r >/tmp/by-socket &
within 5 lines /tmp/by-ring /t/r 1
within 5 lines /tmp/by-socket /t/r 1
cp /lab/xenstored /tmp/newer
said=$(xenstore-control live-update /tmp/newer 2>&1)
check "one without its module is refused" sh -c "echo '$said' | grep -q 'Error activating new binary'"
check "changes nothing" xenstore-write /t/s 1
cp /lab/xenstored-domains.so /tmp/

check "xenstore-control live-update with an executable" xenstore-control live-update /tmp/newer
equal "the process is the same" "$daemon" "$(cat /run/xen/xenstored.pid)"
equal "and runs the other executable" /tmp/newer "$(readlink /proc/$daemon/exe)"
xenstore-write /t/r 1
check "a watch of before, over the ring" within 5 lines /tmp/by-ring /t/r 2
check "and at the socket" within 5 lines /tmp/by-socket /t/r 2
xenstore-write "$here/data/ping" "after it"
check "the guest's watch fires and it answers" within 10 reads "$here/data/pong" "after it"
check "a guest after it" xl create "$(config pvh rw)"
check "it writes" within 10 reads "/local/domain/$(xl domid pvh-rw)/data/hello" world
for guest in pv-rw pvh-rw; do check "$guest is destroyed" xl destroy $guest; done
check "no ring is mapped any more" within 5 sh -c "[ \$(grep -c gntdev /proc/$daemon/maps) = 0 ]"
check "the store is sound" xenstore-control check
said=$(xenstore-control live-update /bin/busybox 2>&1)
check "what is no executable of a store is refused" sh -c "echo '$said' | grep -q 'Error activating new binary'"
check "the store goes on" xenstore-write /t/r 2
