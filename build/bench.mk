# Benchmarks, beside the peers in the same run. No test depends on them.

.PHONY: bench bench-xen profile-xen

BENCH := $(OUT)/bench
BENCH_CLIENT := $(wildcard test/bench/client/*.c)
BENCH_CFLAGS := -std=gnu11 -O2 $(WARNINGS) -D_GNU_SOURCE

$(BENCH)/client: $(BENCH_CLIENT) $(wildcard test/bench/client/*.h)
	@mkdir -p $(@D)
	@$(CC) $(BENCH_CFLAGS) -static-pie $(BENCH_CLIENT) -lpthread -o $@
# The headers that declare the functions it replaces are not installed.
$(BENCH)/standin.so: test/bench/standin.c
	@mkdir -p $(@D)
	@$(CC) $(filter-out -Wmissing-prototypes,$(BENCH_CFLAGS)) -shared -fPIC $< -ldl -o $@

bench: $(OUT)/xenstored $(BENCH)/client $(BENCH)/standin.so ## Measure the Linux program beside C xenstored and oxenstored (CASES= PASSES= DAEMONS=)
	@CASES='$(CASES)' PASSES='$(PASSES)' DAEMONS='$(DAEMONS)' node test/bench/run.mjs

# The bare stub, a lower bound: the kernel of the image, the ring, and constant answers.
BARE := $(STUB)/test/bench/bare.o $(STUB)/stubdom/transport/ring.o
$(PRODUCT)/bare-stub.elf: $(BARE) $(STUB_KERNEL) $(STUB_PV) $(STUB)/image.lds
	$(link_image)
$(PRODUCT)/bare-stub-pvh.elf: $(BARE) $(STUB_KERNEL) $(STUB_PVH) $(STUB)/image.lds
	$(link_image)
$(OUT)/lab/lab-bench: $(BENCH)/client
	@mkdir -p $(@D)
	@cp $< $@

bench-xen: lab image guest $(OUT)/lab/lab-bench $(PRODUCT)/bare-stub.gz $(PRODUCT)/bare-stub-pvh.gz ## Measure round trips from Dom0 in nested Xen, beside both peers and a bare stub (PASSES= REQUESTS= STORES=)
	@PASSES='$(PASSES)' REQUESTS='$(REQUESTS)' STORES='$(STORES)' node test/bench/xen.mjs

# A plugin of QEMU counts instructions, because time under the emulator is not exact.
$(BENCH)/trips.so: test/bench/trips.c
	@mkdir -p $(@D)
	@$(CC) $(BENCH_CFLAGS) -shared -fPIC $< -o $@
profile-xen: lab image guest $(OUT)/lab/lab-bench $(PRODUCT)/bare-stub.gz $(PRODUCT)/bare-stub-pvh.gz $(BENCH)/trips.so ## Count what a round trip takes in nested Xen: instructions, pages, exits (STORES= CASES=)
	@STORES='$(STORES)' CASES='$(CASES)' node test/bench/profile.mjs

.PHONY: measure-translations
measure-translations: $(OUT)/xenstored $(OUT)/xenstore-ts-stubdom.elf $(BENCH)/client ## Count what each translated function saves, and what it takes in the image (engine/README.md)
	@node build/measure-translations.mjs build/translated-functions.txt $(OUT)/xenstore-ts-stubdom.elf $(NATIVE)/xenstored-without-snapshot $(BENCH)/client $(OUT)/measure-translations
