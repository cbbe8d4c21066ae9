# A store that gets too little memory says so: the domain builder for what it cannot place, the store for what is left.
. /etc/lab.sh
. /lab/lib.sh
LAUNCH_LIMIT=15

refused "1 MB is refused" start_stub 1
sed 's/^/# /' /tmp/launch.log | head -n 5
xl list 2>/dev/null | sed 's/^/# /'
check "and the reason is printed" sh -c 'test -s /tmp/launch.log || lab-conring 1 | grep -qi memory'
