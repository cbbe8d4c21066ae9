# A store whose memory is full refuses to grow, and can still be read and emptied.
. /etc/lab.sh
. /lab/lib.sh
export XENSTORED_PATH=/dev/xen/xenbus

filled=$(lab-wire /dev/xen/xenbus fill /full 100000)
count=${filled% *}
equal "the refusal is ENOMEM" ENOMEM "${filled#* }"
check "more than 1,000 nodes were there before" test "$count" -gt 1000
equal "each of them reads back" "$count" "$(lab-wire /dev/xen/xenbus count /full "$count")"
refused "another is refused" xenstore-write /full/more 1
refused "and is not there" xenstore-exists /full/more
check "the directory can be removed" xenstore-rm /full
refused "and is gone" xenstore-exists /full/0
check "a node can be written again" xenstore-write /t/x 1
again=$(lab-wire /dev/xen/xenbus fill /again "$((count * 3 / 4))")
equal "three quarters of them fit again" "$((count * 3 / 4)) -" "$again"
check "xl still works" xl list
