# Runs the cases of CASES from Dom0 and prints `@ CASE JSON` for each; NODES asks instead for how many nodes fit.
. /etc/lab.sh
took=$(lab-wire - run sh -c '. /etc/lab.sh; start_store') || {
	echo "@failed after $took ms"
	post_mortem
	exit 1
}
if [ "${NODES:-}" ]; then
	set -- $(lab-wire /dev/xen/xenbus fill /fill "$NODES")
	echo "@ nodes {\"nodes\":$1}"
	exit 0
fi
# The first operations after a start pay for pages and caches that the others find ready.
lab-wire /dev/xen/xenbus ping 100 >/dev/null
for case in $CASES; do
	echo "@ $case $(lab-bench run /dev/xen/xenbus 0 "$case" 20 "$REQUESTS")"
done
