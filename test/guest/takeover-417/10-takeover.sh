# Guests that come, go and are watched.
. /etc/lab.sh
. /lab/lib.sh
. /lab/guests.inc
. /lab/takeover.inc

begin
there_and_back "$TIMES" true
finish
