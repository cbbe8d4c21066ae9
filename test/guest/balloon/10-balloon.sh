# The store takes more memory when it needs it, up to --maxmem, and refuses to grow beyond.
. /etc/lab.sh
. /lab/lib.sh
export XENSTORED_PATH=/dev/xen/xenbus

has_memory() { xl list | awk '$2 == 1 { print $3 }'; }
equal "it starts with its --memory" "$MEMORY" "$(has_memory)"
filled=$(lab-wire /dev/xen/xenbus fill /full 100000)
count=${filled% *}
equal "the refusal is ENOMEM" ENOMEM "${filled#* }"
# 4 MiB hold fewer than 7,000.
check "more nodes were there before than its first memory holds" test "$count" -gt 9000
check "it has taken more" test "$(has_memory)" -gt "$MEMORY"
check "and not more than it may" test "$(has_memory)" -le "$MAXMEM"
check "it said so" within 10 has /var/log/xen/console/guest-Xenstore.log "it grows"
equal "each node reads back" "$count" "$(lab-wire /dev/xen/xenbus count /full "$count")"
check "the directory can be removed" xenstore-rm /full
# What was removed is swept up between requests.
check "a node can be written again" within 10 xenstore-write /t/x 1
equal "a thousand fit again" "1000 -" "$(lab-wire /dev/xen/xenbus fill /again 1000)"
check "xl still works" xl list
echo "# $count nodes with --memory $MEMORY --maxmem $MAXMEM"
