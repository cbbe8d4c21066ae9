# Prints what one boot can measure, as `@ KEY VALUE` lines. WHAT says which measurements.
. /etc/lab.sh
LAUNCH_LIMIT=${LAUNCH_LIMIT:-30}

took=$(lab-wire - run sh -c '. /etc/lab.sh; start_store') || {
	echo "@ failed $took"
	post_mortem
	exit 1
}
echo "@ launch_ms $took"
case $WHAT in
trips)
	start_services
	# The first operations after a start pay for pages and caches that the others find ready.
	lab-wire /dev/xen/xenbus ping 100 >/dev/null
	lab-wire /dev/xen/xenbus ping 400 | while read -r write read; do echo "@ xenbus_write_us $write"; echo "@ xenbus_read_us $read"; done
	if [ -S /run/xenstored/socket ]; then
		lab-wire /run/xenstored/socket ping 400 | while read -r write read; do echo "@ socket_write_us $write"; echo "@ socket_read_us $read"; done
	fi
	;;
fill)
	set -- $(lab-wire /dev/xen/xenbus fill /fill 200000)
	echo "@ nodes $1"
	echo "@ refused_with $2"
	;;
serve)
	set -- $(lab-wire /dev/xen/xenbus fill /fill 1000)
	echo "@ served $(lab-wire /dev/xen/xenbus count /fill 1000)"
	;;
esac
