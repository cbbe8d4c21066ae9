# A store whose memory is full refuses to grow, and can still be read and emptied.
. /etc/lab.sh
. /lab/lib.sh
export XENSTORED_PATH=/dev/xen/xenbus

filled=$(lab-wire /dev/xen/xenbus fill /full 100000)
count=${filled% *}
equal "the refusal is ENOMEM" ENOMEM "${filled#* }"
check "the log tells of it" within 10 has /var/log/xen/console/guest-Xenstore.log "of domain 0: out of memory"
check "more than 1,000 nodes were there before" test "$count" -gt 1000
equal "each of them reads back" "$count" "$(lab-wire /dev/xen/xenbus count /full "$count")"
# One more may find the room that a larger request did not; many may not.
more=$(lab-wire /dev/xen/xenbus fill /more "$count")
equal "it goes on refusing" ENOMEM "${more#* }"
equal "and forgets nothing" "$count" "$(lab-wire /dev/xen/xenbus count /full "$count")"
check "the directory can be removed" xenstore-rm /full
refused "and is gone" xenstore-exists /full/0
check "a node can be written again" xenstore-write /t/x 1
# Not as many as before: the heap is in pieces, and the tables keep the size that they had.
equal "a thousand fit again" "1000 -" "$(lab-wire /dev/xen/xenbus fill /again 1000)"
check "xl still works" xl list
