# Clients that know only the socket: xenstore-relay serves it while the store is a domain.
. /etc/lab.sh
. /lab/lib.sh
is_stub || exit 0
socket=/run/xenstored/socket
device=/dev/xen/xenbus

mkdir -p /run/xenstored
check "xenstore-relay starts" sh -c '/lab/xenstore-relay --pid-file /run/xenstore-relay.pid 2>/tmp/relay.log'
check "its pid file names it" kill -0 "$(cat /run/xenstore-relay.pid)"
equal "its socket is root's alone" 600 "$(stat -c %a $socket)"
refused "a second one ends" /lab/xenstore-relay
export XENSTORED_PATH=$socket
check "Debian's start script finds the store" xenstore-read -s /
check "a write" xenstore-write -s /relay/a one
equal "a read" one "$(xenstore-read -s /relay/a)"
equal "what the device reads" one "$(XENSTORED_PATH=$device xenstore-read /relay/a)"
refused "what is not there" xenstore-read -s /relay/none
refused "a path that is none" xenstore-write -s /relay//x 1
xenstore-ls -f /local >/tmp/by-socket
XENSTORED_PATH=$device xenstore-ls -f /local >/tmp/by-device
check "the whole store" cmp /tmp/by-socket /tmp/by-device
xenstore-write /relay/large "$(head -c 3900 /dev/zero | tr '\0' v)"
equal "a large value" 3900 "$(xenstore-read /relay/large | tr -d '\n' | wc -c)"
# 13 bytes of path, 4067 of value: the kernel's buffer holds that and the header, and no more.
check "the largest request that the kernel takes" xenstore-write /relay/large "$(head -c 4067 /dev/zero | tr '\0' v)"
refused "a larger one" xenstore-write /relay/large "$(head -c 4068 /dev/zero | tr '\0' w)"
check "after which the connection serves" xenstore-read /relay/large
check "xenstore-control" xenstore-control check
check "xl list" xl list

xenstore-watch -n 3 /relay >/tmp/seen &
watcher=$!
within 5 has /tmp/seen /relay
xenstore-write /relay/b 1
within 5 has /tmp/seen /relay/b
XENSTORED_PATH=$device xenstore-write /relay/c 1
wait $watcher
equal "events of who writes through it and who does not" 0 $?
equal "and those alone" "/relay /relay/b /relay/c" "$(tr '\n' ' ' </tmp/seen | sed 's/ $//')"

for n in $(seq 20); do
	(for m in $(seq 5); do xenstore-write /relay/$n/$m $m && xenstore-read /relay/$n/$m; done >/tmp/reader-$n) &
done
wait
equal "twenty clients beside each other" "$(seq 5 | tr '\n' ' ')" "$(sort -u /tmp/reader-* | tr '\n' ' ')"
check "test-xenstore, whose transactions conflict" test-xenstore

kill "$(cat /run/xenstore-relay.pid)"
check "it ends, and its socket goes" within 5 [ ! -e $socket ]
check "its pid file goes" within 5 [ ! -e /run/xenstore-relay.pid ]
check "clients take the device again" env -u XENSTORED_PATH xenstore-read /relay/a
