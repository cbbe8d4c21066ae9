# Every stock client, once with what it should do and once with what it should refuse.
. /etc/lab.sh
. /lab/lib.sh
# The device, and not a daemon's socket where there is one.
export XENSTORED_PATH=/dev/xen/xenbus

check "xenstore-write" xenstore-write /t/a one
equal "xenstore-read" one "$(xenstore-read /t/a)"
check "xenstore-write overwrites" xenstore-write /t/a two
equal "xenstore-read sees the new value" two "$(xenstore-read /t/a)"
check "xenstore-write of several nodes at once" xenstore-write /t/b/c 1 /t/b/d 2
equal "xenstore-list" "c d" "$(xenstore-list /t/b | sort | tr '\n' ' ' | sed 's/ $//')"
check "xenstore-exists" xenstore-exists /t/b/c
refused "xenstore-exists of what is not there" xenstore-exists /t/b/x
refused "xenstore-read of what is not there" xenstore-read /t/b/x
refused "xenstore-list of what is not there" xenstore-list /t/x
refused "a path with an empty component" xenstore-write /t//x 1
equal "a parent made on the way is empty" "" "$(xenstore-read /t/b)"
check "an empty value" xenstore-write /t/empty ""
equal "an empty value reads back" "" "$(xenstore-read /t/empty)"
equal "xenstore-ls" 'a = "two"' "$(xenstore-ls /t | head -n 1)"
equal "xenstore-ls -f" '/t/b/d = "2"' "$(xenstore-ls -f /t | grep /d)"
check "xenstore-chmod" xenstore-chmod /t/a b0 r0
equal "xenstore-ls -p shows it" "(b0,r0)" "$(xenstore-ls -p /t | awk '$1 == "a" { print $NF }')"
check "xenstore-chmod -r" xenstore-chmod -r /t/b r0
equal "xenstore-chmod -r went down" "(r0)" "$(xenstore-ls -p /t/b | awk '$1 == "c" { print $NF }')"
check "xenstore-rm" xenstore-rm /t/b
refused "what was below is gone too" xenstore-exists /t/b/c
check "xenstore-rm -t" xenstore-rm -t /t/empty
check "a node of the kernel's own device" sh -c 'xenstore-write /t/e 1 && xenstore-rm /t/e'

printf 'tab\there' >/tmp/odd
xenstore-write /t/odd "$(cat /tmp/odd)"
xenstore-read -R /t/odd >/tmp/odd.back 2>/dev/null || xenstore-read /t/odd >/tmp/odd.back
check "an odd byte comes back" grep -q tab /tmp/odd.back

xenstore-watch -n 3 /t/w >/tmp/watched &
watcher=$!
check "xenstore-watch fires when it is set" within 5 lines /tmp/watched /t/w 1
xenstore-write /t/w/below 1
xenstore-rm /t/w
check "xenstore-watch sees a write below and the end of it" within 5 lines /tmp/watched /t/w 3
check "xenstore-watch ends after its three events" within 5 sh -c "! kill -0 $watcher"
equal "the events, in order" "/t/w /t/w/below /t/w" "$(cat /tmp/watched | tr '\n' ' ' | sed 's/ $//')"
xenstore-rm /t
