# What does not fit in a ring, or in a message.
. /etc/lab.sh
. /lab/lib.sh
export XENSTORED_PATH=/dev/xen/xenbus

value=$(head -c 2000 /dev/zero | tr '\0' x)
check "a value of 2,000 bytes is written" xenstore-write /t/long "$value"
equal "a value of 2,000 bytes reads back" "$value" "$(xenstore-read /t/long)"

equal "300 children are made" "300 -" "$(lab-wire /dev/xen/xenbus fill /t/dir 300)"
equal "a directory of 300, more than a ring holds" 300 "$(xenstore-list /t/dir | sort -u | wc -l)"
equal "the values of the 300" 300 "$(lab-wire /dev/xen/xenbus count /t/dir 300)"
equal "1,200 children are made" "1200 -" "$(lab-wire /dev/xen/xenbus fill /t/dir 1200)"
name="a directory of 1,200, more than a message holds"
if [ "$STORE" = ocaml ]; then
	skip "$name" "this store has no answer in parts"
else
	equal "$name" 1200 "$(xenstore-list /t/dir | sort -u | wc -l)"
fi
check "a large directory is removed at once" xenstore-rm /t/dir
refused "nothing is left of it" xenstore-exists /t/dir/7
xenstore-rm /t
