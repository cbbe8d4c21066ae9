# A bad option is reported on the store's console, and the store serves on.
. /etc/lab.sh
. /lab/lib.sh

stub_ring >/tmp/ring
# The kernel repeats its whole command line; that is not the report.
equal "an unknown option gets one line on the console" 1 "$(grep -vF 'command line' /tmp/ring | grep -cF no-such-option)"
equal "a bare word gets one, too" 1 "$(grep -vF 'command line' /tmp/ring | grep -cF bare-word)"
check "the store serves all the same" xenstore-write /t/x 1
equal "and remembers" 1 "$(xenstore-read /t/x)"
