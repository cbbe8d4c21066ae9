# What Dom0 runs for one group of scenarios.
. /etc/lab.sh
. /lab/lib.sh

if [ "${LAUNCH:-}" != own ]; then
	if ! check "the store is started" start_store; then
		post_mortem
		exit 1
	fi
	check "xen-init-dom0 and xenconsoled run" start_services
fi
for scenario in /lab/t-*.sh; do
	sh "$scenario"
	status=$?
	# 1 is a verdict that was not ok; more is a scenario that broke.
	[ $status -lt 2 ] || not_ok "${scenario#/lab/t-} ends" "it exited $status"
done
if [ -e /tmp/failed ]; then
	post_mortem
	exit 1
fi
