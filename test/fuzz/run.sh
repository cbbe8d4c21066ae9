#!/bin/sh
# Plays each target's corpora, and then new inputs, in so many seconds altogether; writes build/out/results/fuzz.json.
#   run.sh SECONDS TARGET...
# What is found new stays in build/out/fuzz/work/TARGET for the next time; what fails, in build/out/fuzz/found/.
set -u
fuzz=build/out/fuzz
results=build/out/results
seconds=$1
shift
case $seconds in
"" | *[!0-9]* | 0) echo "fuzz: MINUTES= wants a number of minutes" >&2; exit 2 ;;
esac
mkdir -p $results $fuzz/found
node test/fuzz/seeds.mjs $fuzz/seeds || exit 1
each=$((seconds / $#))
[ "$each" -gt 0 ] || each=1
passed=0
failed=0

replay() {
	input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
	echo "fuzz: $target failed; the end of $log:"
	grep -av '^#\|NEW_FUNC' "$log" | tail -n 40
	[ -n "$input" ] || return
	echo "fuzz: to play it again, with the program's log: FUZZ_LOG=1 $fuzz/$target $input"
	[ -d "$history" ] && echo "fuzz: where it needs those before it: FUZZ_LOG=1 $fuzz/$target $history/*"
}

for target; do
	log=$fuzz/found/$target.log
	history=$fuzz/found/$target-history
	corpus=$fuzz/seeds/$target
	[ -d "test/fuzz/corpus/$target" ] && corpus="$corpus test/fuzz/corpus/$target"
	dictionary=
	[ -f "test/fuzz/$target.dict" ] && dictionary="-dict=test/fuzz/$target.dict"
	rm -rf "$history"
	mkdir -p "$fuzz/work/$target" "$fuzz/seeds/$target"
	common="-detect_leaks=0 -entropic=0 -timeout=120 -max_len=2048 $dictionary -artifact_prefix=$fuzz/found/$target-"
	# What is known comes first, all of it, however short the time is.
	# shellcheck disable=SC2086 # the lists are meant to be split
	FUZZ_HISTORY=$history $fuzz/$target $common -runs=0 $corpus >"$log" 2>&1 &&
		FUZZ_HISTORY=$history $fuzz/$target $common -max_total_time=$each "$fuzz/work/$target" $corpus >>"$log" 2>&1
	status=$?
	done=$(sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) second.*/\1 executions in \2 s/p' "$log" | tail -n 1)
	if [ $status = 0 ] && [ -n "$done" ]; then
		passed=$((passed + 1))
		echo "ok $target: $done, $(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1) branches"
	else
		failed=$((failed + 1))
		echo "not ok $target"
		replay
	fi
done
echo "{\"suite\":\"fuzz\",\"passed\":$passed,\"failed\":$failed,\"skipped\":0}" >$results/fuzz.json
[ $failed = 0 ]
