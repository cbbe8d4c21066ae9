# The lab: Xen, a Dom0 of Debian's tools, and our image in it, all under an emulated processor.

.PHONY: run dom0 lab

DOM0    := $(OUT)/dom0/initrd.cpio
LAB_BIN := $(addprefix $(OUT)/lab/,lab-conring lab-ring lab-wire)

dom0: $(DOM0) ## Build the Dom0 that the lab boots (Xen, Linux, Debian's Xen tools)

$(DOM0): $(FETCHED) $(wildcard images/dom0/*)
	@echo "dom0: putting together Dom0's userland"
	@sh images/dom0/build.sh

# Static, because they run in Dom0 beside another release's libraries.
$(OUT)/lab/lab-conring: test/guest/conring.c
$(OUT)/lab/lab-ring: test/guest/ring.c
$(OUT)/lab/lab-wire: test/bench/wire.c
$(LAB_BIN):
	@mkdir -p $(@D)
	@gcc -O2 -Wall -Wextra -Werror -static -o $@ $<

lab: $(DOM0) $(LAB_BIN)
