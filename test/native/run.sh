#!/bin/sh
# run.sh SUITE COMMAND...: runs test programs, each with its arguments, and writes build/out/results/SUITE.json.
set -u
suite=$1
shift
results=build/out/results
mkdir -p $results
log=$(mktemp)
trap 'rm -f "$log"' EXIT
crashed=0
for program in "$@"; do
	echo "== $program"
	# A program that stands still is ended; the limit leaves room for a machine that is busy with other work.
	timeout 1800 $program 2>&1 | tee "$log.one"
	# A program that ended without a verdict for each test has crashed: that counts too.
	if ! tail -n 1 "$log.one" | grep -q '^\(ok\|not ok\) '; then crashed=$((crashed + 1)); fi
	cat "$log.one" >>"$log"
	rm -f "$log.one"
done
passed=$(grep -c '^ok ' "$log")
failed=$(($(grep -c '^not ok ' "$log") + crashed))
echo "{\"suite\":\"$suite\",\"passed\":$passed,\"failed\":$failed,\"skipped\":0}" >$results/$suite.json
[ "$failed" = 0 ]
