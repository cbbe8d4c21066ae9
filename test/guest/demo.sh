# The demonstration: real commands and what they say, each looked at.
. /etc/lab.sh
. /lab/guests.inc
wrong=0

# run COMMAND LINE: shows it and what it prints, and keeps that for `expect`
run() {
	echo "dom0# $1"
	said=$(eval "$1" 2>&1) || said="$said (exit $?)"
	[ -z "$said" ] || echo "$said"
}

# expect PATTERN: the last output matches this shell pattern
expect() {
	case $said in
	$1) ;;
	*)
		echo "  ^ FAIL: expected $1"
		wrong=$((wrong + 1))
		;;
	esac
}

# soon PATTERN COMMAND LINE: the same, for something that takes a moment
soon() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		case $(eval "$2" 2>&1) in $1) break ;; esac
		sleep 0.2
	done
	run "$2"
	expect "$1"
}

note() { printf '\n# %s\n' "$*"; }

life_of() {
	note "A $1 guest: it writes, watches and answers through its own ring"
	config "$1" rw >/dev/null
	run "xl create /tmp/$1-rw.cfg"
	expect "Parsing config*"
	id=$(xl domid "$1-rw")
	run "xl list"
	expect "*$1-rw*"
	soon world "xenstore-read /local/domain/$id/data/hello"
	run "xenstore-write /local/domain/$id/data/ping 'how are you?'"
	soon "how are you[?]" "xenstore-read /local/domain/$id/data/pong"
	run "xl destroy $1-rw"
	expect ""
	soon "*exit 1*" "xenstore-read /local/domain/$id/data/hello"
	run "xl list | grep -c '$1-rw\|null'"
	expect "0*"
}

note "The store is started"
# start_store puts a time limit around these, and does nothing more.
case $STORE in
stub) echo "dom0# init-xenstore-domain --kernel /lab/stub.gz --memory $MEMORY${PARAM:+ --param '$PARAM'}" ;;
dom0) echo "dom0# XENSTORED=/lab/xenstored launch-xenstore" ;;
c) echo "dom0# xenstored" ;;
ocaml) echo "dom0# oxenstored" ;;
esac
if ! start_store; then
	echo "  ^ FAIL: the store did not start"
	post_mortem
	exit 1
fi
start_services || { echo "  ^ FAIL: xen-init-dom0 or xenconsoled"; wrong=1; }

note "The tools see it"
run "xl list"
expect "*Domain-0*"
if [ "$STORE" = stub ]; then
	expect "*Xenstore *"
	run "xenstore-read /tool/xenstored/domid"
	expect 1
fi
run "xenstore-ls /local/domain/0"
expect '*name = "Domain-0"*'

note "Writing, reading, permissions"
run "xenstore-write /demo/hello world /demo/answer 42"
expect ""
run "xenstore-read /demo/hello"
expect world
run "xenstore-list /demo"
expect "*hello*"
run "xenstore-chmod /demo/hello n0 r0"
expect ""
run "xenstore-ls -p /demo"
expect '*hello = "world"*(n0,r0)*'

note "Watching"
xenstore-watch -n 2 /demo/seen >/tmp/seen &
sleep 0.5
run "xenstore-write /demo/seen 1"
soon "*/demo/seen*/demo/seen*" "cat /tmp/seen"
run "xenstore-rm /demo"
expect ""
run "xenstore-exists /demo && echo yes || echo no"
expect no

for kind in pv pvh; do
	[ -e /lab/guest-$kind.gz ] && life_of $kind
done

echo
if [ $wrong -gt 0 ]; then
	post_mortem
	echo "$wrong of the answers were not as expected"
	exit 1
fi
