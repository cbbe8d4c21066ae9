# Another program takes over while the host runs: nothing that anybody has set or begun is lost.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
export XENSTORED_PATH=/dev/xen/xenbus

is_stub || { skip "live update" "the other stores are not updated here"; exit 0; }

check "a guest before the update" xl create "$(config pv rw)"
here=/local/domain/$(xl domid pv-rw)
check "the guest writes" within 10 reads "$here/data/hello" world
xenstore-watch -n 3 /t/w >/tmp/watched &
watcher=$!
within 5 lines /tmp/watched /t/w 1
xenstore-write /t/kept "of before"
equal "300 nodes are made" "300 -" "$(lab-wire /dev/xen/xenbus fill /t/dir 300)"
store() { xenstore-ls -fp / | grep -v "/libxl\|^/tool/xenstored/\|^$"; }
# On a busy machine xenconsoled and the guest come late with nodes of their own.
settled() { store >/tmp/before && sleep 1 && store | cmp -s /tmp/before -; }
within 20 settled

check "xenstore-control live-update" xenstore-control live-update -t 60 /lab/program
equal "the store is what it was" "" "$(store | diff /tmp/before - | grep '^[-+]/' | head -n 5)"
equal "the values of the 300" 300 "$(lab-wire /dev/xen/xenbus count /t/dir 300)"
check "the store is sound" xenstore-control check
xenstore-write /t/w/x 1
xenstore-rm /t/w
check "a watch of before the update fires" within 5 lines /tmp/watched /t/w 3
xenstore-write "$here/data/ping" "after the update"
check "the guest's watch of before the update fires and it answers" within 10 reads "$here/data/pong" "after the update"
check "and once more" xenstore-control live-update /lab/program
check "a guest after the update" xl create "$(config pvh rw)"
check "it writes" within 10 reads "/local/domain/$(xl domid pvh-rw)/data/hello" world
for guest in pv-rw pvh-rw; do check "$guest is destroyed" xl destroy $guest; done

head -c 100000 /dev/zero >/tmp/nothing
refused "a file that is no program" xenstore-control live-update /tmp/nothing
equal "the store goes on" "of before" "$(xenstore-read /t/kept)"
xenstore-rm /t
kill $watcher 2>/dev/null
true
