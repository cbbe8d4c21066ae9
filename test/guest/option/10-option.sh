# A bad option is reported on the store's console, and the store serves on.
. /etc/lab.sh
. /lab/lib.sh

(stub_console; lab-conring 1) >/tmp/console 2>&1
check "a bad option is named on the console" has /tmp/console no-such-option
lab-conring 1 >/tmp/ring
equal "one line for it" 1 "$(grep -cF no-such-option /tmp/ring)"
check "the store serves all the same" xenstore-write /t/x 1
equal "and remembers" 1 "$(xenstore-read /t/x)"
