# Very many failures of the program, one after the other.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
. /lab/failures.inc

failures 10000
