# Some failures of the program.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
. /lab/failures.inc

case $STORE in
stub | dom0) failures $((200 / SMP / SMP)) ;;
*) skip "failures" "the other stores do not survive one" ;;
esac
