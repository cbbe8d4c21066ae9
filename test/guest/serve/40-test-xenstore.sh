# Xen's own test of a store, as Debian ships it.
. /etc/lab.sh
. /lab/lib.sh
export XENSTORED_PATH=/dev/xen/xenbus

test-xenstore >/tmp/test-xenstore 2>&1
equal "test-xenstore exits 0" 0 $?
sed 's/^/# /' /tmp/test-xenstore
refused "test-xenstore reports no failure" grep -qi fail /tmp/test-xenstore
