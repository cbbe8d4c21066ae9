# What the tools have set up, and what they see.
. /etc/lab.sh
. /lab/lib.sh

if is_stub; then
	store=1
	equal "the store's domid is announced" $store "$(xenstore-read /tool/xenstored/domid)"
	equal "the store's name" Xenstore "$(xenstore-read /local/domain/$store/name)"
	equal "the store's own domid node" $store "$(xenstore-read /local/domain/$store/domid)"
	equal "the store's memory target" $((MEMORY * 1024)) "$(xenstore-read /local/domain/$store/memory/target)"
	check "the store's static-max" xenstore-exists /local/domain/$store/memory/static-max
	equal "the pid file names the domain" domid:$store "$(cat /run/xen/xenstored.pid)"
	equal "xl list shows the store" Xenstore "$(xl list | awk "\$2 == $store { print \$1 }")"
	check "xenconsoled serves the store's console" within 5 xenstore-exists /local/domain/$store/console/tty
	check "the store serves its own domain's ring" within 5 has /var/log/xen/console/guest-Xenstore.log \
		"serves its own domain, /local/domain/$store"
	check "the store has printed something" within 5 test -s /var/log/xen/console/guest-Xenstore.log
fi
equal "xl list shows Dom0" 0 "$(xl list | awk '$1 == "Domain-0" { print $2 }')"
equal "Dom0's domid node" 0 "$(xenstore-read /local/domain/0/domid)"
equal "Dom0's name" Domain-0 "$(xenstore-read /local/domain/0/name)"
check "xl info works" xl info
xl info >/tmp/info
equal "xl info knows the hypervisor" 4 "$(awk '$1 == "xen_major" { print $3 }' /tmp/info)"
check "xenconsoled is alive" pidof xenconsoled
