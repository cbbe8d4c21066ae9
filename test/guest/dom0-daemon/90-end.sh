# Signals, and the daemon in the foreground. The last one: afterwards the store knows no guest any more.
. /etc/lab.sh
. /lab/lib.sh

socket=/run/xenstored/socket
daemon=$(cat /run/xen/xenstored.pid)
ended() { ! kill -0 "$daemon" 2>/dev/null; }

kill -HUP "$daemon"
kill -PIPE "$daemon"
check "SIGHUP and SIGPIPE do not end it" env XENSTORED_PATH=$socket xenstore-write /t/x 1
kill "$daemon"
check "SIGTERM does" within 5 ended
refused "the pid file is gone" test -e /run/xen/xenstored.pid
refused "the socket is gone" test -e $socket

/lab/xenstored --no-fork --pid-file /run/xen/xenstored.pid 2>/tmp/front &
front=$!
check "it serves in the foreground" within 10 env XENSTORED_PATH=$socket xenstore-write /t/x 1
equal "the pid file names it" $front "$(cat /run/xen/xenstored.pid)"
equal "Dom0's ring is served again" 1 "$(XENSTORED_PATH=/dev/xen/xenbus xenstore-read /t/x)"
kill -INT $front
wait $front
equal "SIGINT ends it in good order" 0 $?
