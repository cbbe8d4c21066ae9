# Read by each stage.
. /run/lab/env
. /run/lab/lib.sh
mkdir -p /tmp/lab
# The guests' configurations name files of the lab's Dom0.
ln -sfn /run/lab /lab
. /run/lab/guests.inc
STORE=stub

# server: the program whose pid Debian's init script keeps
server() { basename "$(readlink "/proc/$(cat /run/xenstore.pid)/exe" | sed "s/ (deleted)$//")"; }
# stores: how many domains are stores
stores() { xl list | grep -c '^Xenstore '; }
# up: the host has come up as it should
up() {
	equal "xen.service is active" active "$(systemctl is-active xen.service)"
	check "the socket serves" xenstore-read -s /
	equal "Dom0 has its name" Domain-0 "$(xenstore-read /local/domain/0/name)"
}
# guest KIND: a guest lives and ends
guest() {
	check "xl create, a $1 guest" xl create "$(config "$1" rw)"
	check "it is served" within 30 reads "$(data "$1-rw")/hello" world
	check "xl destroy" xl destroy "$1-rw"
}
# told COMMAND...: what it prints, as remarks
told() { "$@" 2>&1 | sed 's/^/# /'; }
# journal WORD: the log of xen.service has the word
journal() { journalctl -b -u xen.service --no-pager | grep -q -- "$1"; }
# remove: the packages go, and the store that runs stays as it is, also when xen.service is started again
remove() {
	before=$(server)
	check "apt remove" apt-get remove -y xenstore-ts xenstore-ts-stubdom
	check "systemctl restart xen.service" systemctl restart xen.service
	equal "the store that runs is still there" "$before" "$(server)"
	check "and serves" xenstore-read -s /
	for unit in xenstore-exporter.timer xenstore-exporter-http.service; do
		refused "$unit has ended" systemctl is-active --quiet $unit
	done
	refused "what it wrote is gone" test -e /var/lib/prometheus/node-exporter/xenstored.prom
	! [ "$before" = xenstore-relay ] || refused "no other store is started beside it" pidof oxenstored xenstored
}
# monitored: the exporter's units are off, do nothing without the collector's directory, and work in their sandbox, by the socket and
# by the kernel's device
monitored() {
	metrics=/var/lib/prometheus/node-exporter/xenstored.prom
	for unit in xenstore-exporter.timer xenstore-exporter-http.service; do
		refused "$unit is not enabled" systemctl is-enabled --quiet $unit
		refused "nor started" systemctl is-active --quiet $unit
	done
	systemctl start xenstore-exporter.service
	refused "without the collector's directory nothing is written" test -e /var/lib/prometheus
	mkdir -p ${metrics%/*}
	for way in /run/xenstored/socket /dev/xen/xenbus; do
		systemctl set-environment XENSTORED_PATH=$way
		rm -f $metrics
		check "xenstore-exporter.service, by $way" systemctl start xenstore-exporter.service
		check "tells that the store is up" grep -q '^xenstored_up 1$' $metrics
		check "and of Dom0" grep -q '^xenstored_domain_requests_total{domid="0"}' $metrics
	done
	# It takes what is asked, and says nothing.
	systemctl set-environment XENSTORED_PATH=/dev/null
	check "it succeeds where there is no store" systemctl start xenstore-exporter.service
	equal "and says so" "xenstored_up 0" "$(grep -v '^#' $metrics)"
	systemctl unset-environment XENSTORED_PATH
	check "xenstore-exporter.timer" systemctl start xenstore-exporter.timer
	check "starts it" within 60 grep -q '^xenstored_up 1$' $metrics
	check "xenstore-exporter-http.service" systemctl start xenstore-exporter-http.service
	check "serves" within 30 scraped
	systemctl enable --quiet xenstore-exporter.timer xenstore-exporter-http.service
	refused "no unit has failed" sh -c 'systemctl --failed --plain --no-legend | grep xenstore'
}
scraped() { python3 -c 'from urllib.request import urlopen; print(urlopen("http://127.0.0.1:9727/metrics").read().decode())' | grep -q '^xenstored_up 1$'; }
