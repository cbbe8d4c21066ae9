# The lab: Xen, a Dom0 with Debian's tools, and the store, all under QEMU's emulation.

.PHONY: lab run check-guest check-guest-peers soak measure measure-create

DOM0    := $(OUT)/dom0/initrd.cpio
DOM0_PYTHON := $(OUT)/dom0/python.cpio
LINUX   := $(OUT)/linux/initrd.cpio
LAB_BIN := $(addprefix $(OUT)/lab/,lab-conring lab-ring lab-wire lab-relay lab-many)

LAB_DOMID := $(OUT)/lab/lab-domid.so
lab: $(DOM0) $(DOM0_PYTHON) $(LINUX) $(LAB_BIN) $(LAB_DOMID) ## Build the Dom0 that the lab boots (Xen, Linux, Debian's Xen tools)
	@:

$(DOM0): $(FETCHED) $(wildcard images/dom0/*)
	@echo "dom0: putting together Dom0's userland"
	@sh images/dom0/build.sh

# After $(DOM0), whose script begins by removing the directory of both.
$(DOM0_PYTHON): $(DOM0) images/dom0/python.sh
	@sh images/dom0/python.sh

$(LINUX): $(FETCHED) $(wildcard images/linux/*)
	@sh images/linux/build.sh

# Static, because Dom0 has libraries of another Debian release.
$(OUT)/lab/lab-conring: test/guest/conring.c
$(OUT)/lab/lab-ring: test/guest/ring.c
$(OUT)/lab/lab-wire: test/bench/wire.c
$(OUT)/lab/lab-relay: test/guest/relay.c
$(OUT)/lab/lab-many: test/guest/many.c test/bench/client/wire.c test/bench/client/wire.h
$(LAB_BIN):
	@mkdir -p $(@D)
	@gcc -O2 -Wall -Wextra -Werror -static -o $@ $(filter %.c,$^)

# It is preloaded beside libxl of both Xen versions; the fields that it uses have the same offsets in both.
$(LAB_DOMID): test/guest/domid.c $(FETCHED)
	@mkdir -p $(@D)
	@gcc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -isystem $(XEN_INC) -shared -fPIC -o $@ $< -ldl

# The images that a boot needs. A peer's store needs none of this project's, so the lab can be tried alone.
LAB_IMAGES := $(if $(filter-out stub,$(STORE)),guest,$(if $(filter dom0,$(WHERE)),daemon guest,image guest))

# The names of make's own command line; wrong ones and wrong values are refused before anything is built.
RUN_VARIABLES = $(foreach variable,$(MAKEOVERRIDES),$(firstword $(subst =, ,$(variable))))
run: ## Boot Xen with our store: a Dom0 shell on a terminal, else the demonstration (IMAGE= MEMORY= SMP= WHERE=stub|dom0 XEN= STORE= PARAM=)
	@RUN_VARIABLES='$(RUN_VARIABLES)' node build/xen-run.mjs --check
	@+$(MAKE) --no-print-directory lab $(LAB_IMAGES)
	@RUN_VARIABLES='$(RUN_VARIABLES)' node build/xen-run.mjs

check-guest: lab image guest daemon relay ## Run the nested Xen scenarios for both images
	@node test/guest/run.mjs

soak: lab image guest daemon relay $(TESTS)/ring_race_test ## Run all scenarios with one processor and with two, those of many minutes among them (MINUTES= of each that has no end, fuzzing too)
	@MESSAGES=5000000 $(TESTS)/ring_race_test
	@$(MAKE) --no-print-directory fuzz
	@FAULTS=10000 node test/support/run.mjs faults
	@STEPS=20000 $(MAKE) --no-print-directory check-sanitized
	@node test/guest/run.mjs --soak
	@$(MAKE) --no-print-directory test-debian
	@$(MAKE) --no-print-directory reproduce
	@$(MAKE) --no-print-directory ACCELERATOR=off image
	@STUB=$(OUT)/untranslated/xenstore-ts-stubdom.gz node test/guest/run.mjs pv --group rows

check-guest-peers: lab image guest relay ## Run the same scenarios against Xen's own two stores
	@node test/guest/run.mjs pv --store c
	@node test/guest/run.mjs pv --store ocaml

measure-create: lab image guest daemon ## Measure xl create at 1, 10 and 100 guests, and what a domain takes, beside C xenstored
	@node test/bench/create.mjs

measure: lab image guest ## Measure round trips, start and memory beside C xenstored (PASSES=)
	@node test/bench/guest.mjs
