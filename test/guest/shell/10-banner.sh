# Each line of the banner is typed as it stands.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
. /lab/shell.inc
cd /root || exit 2

check "the shell begins: the store, the services, two guests" begin_shell
check "both guests run" eval "xl list | grep -q '^web ' && xl list | grep -q '^database '"
# Four spaces, the command, and what it shows, as a comment of the shell. (Two spaces: it wants a terminal.)
sed -n 's/^    \([^ ].*\)$/\1/p' /lab/banner >/tmp/commands
refused "each of its lines has a comment" grep -v '[^ ]   *# [a-z]' /tmp/commands
check "the banner has commands" [ "$(wc -l </tmp/commands)" -ge 7 ]
while read -r command; do
	check "$command" sh -c ". /etc/lab.sh; cd /root; $command" </dev/null
	# shellcheck disable=SC2154 # what check's command said
	told=$said
	echo "$told" | head -n 8 | cut -c1-110 | sed 's/^/# /'
	case $command in
	# A failure costs the request that meets it, and no other.
	*make-it-fail*) check "requests were made, and went on" eval 'echo "$told" | grep -q "^[1-9][0-9]* requests meanwhile, [0-3] failed$"' ;;
	under-load*) check "requests were made, and none failed" eval 'echo "$told" | grep -q "^[1-9][0-9]* requests meanwhile, 0 failed$"' ;;
	esac
	case $command in
	*make-it-fail*) check "though the program failed" eval 'echo "$told" | grep -q "^the program failed [1-9]"' ;;
	xl\ list*) check "the guests are among them" eval 'echo "$told" | grep -q web' ;;
	*xenstore-trace*) check "a trace is there" [ -s /root/t.pcap ] ;;
	esac
done </tmp/commands
check "the guests still run" eval "xl list | grep -q '^web ' && xl list | grep -q '^database '"
