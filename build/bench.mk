# Speed, as a ratio to the peers in the same run. Nothing here is part of a test.

.PHONY: bench

BENCH := $(OUT)/bench
BENCH_CLIENT := $(wildcard test/bench/client/*.c)
BENCH_CFLAGS := -std=gnu11 -O2 $(WARNINGS) -D_GNU_SOURCE

$(BENCH)/client: $(BENCH_CLIENT) $(wildcard test/bench/client/*.h)
	@mkdir -p $(@D)
	@$(CC) $(BENCH_CFLAGS) -static $(BENCH_CLIENT) -lpthread -o $@
# The functions that it stands in for are declared in headers that are not here.
$(BENCH)/standin.so: test/bench/standin.c
	@mkdir -p $(@D)
	@$(CC) $(filter-out -Wmissing-prototypes,$(BENCH_CFLAGS)) -shared -fPIC $< -ldl -o $@

bench: $(OUT)/xenstored $(BENCH)/client $(BENCH)/standin.so ## Measure the Linux program beside C xenstored and oxenstored (CASES= PASSES= DAEMONS=)
	@CASES='$(CASES)' PASSES='$(PASSES)' DAEMONS='$(DAEMONS)' node test/bench/run.mjs
