# What `make run` starts on a terminal: the store, the services, two guests, and then a shell.
. /etc/lab.sh
. /lab/guests.inc
. /lab/shell.inc

# The kernel's messages would get between what is typed.
dmesg -n 1
echo "Starting the store ($STORE${PARAM:+, $PARAM}), then two guests"
if begin_shell; then
	# A daemon has no console of its own.
	if [ "$STORE" = stub ]; then cat /lab/banner; else grep -v '^ *xl console Xenstore' /lab/banner; fi
else
	echo "FAIL: the store or a guest did not start"
	post_mortem
fi
exec sh -l
