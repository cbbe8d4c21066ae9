# The C side: the daemon for Linux, and the two images.
#
# The objects of the program are compiled twice: for the host, and for the kernel (freestanding, no red zone, newlib). The
# objects of the kernel are linked twice, with the PV and with the PVH entry.


WARNINGS := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes
# No directory of the machine gets into what is built, so that the same source gives the same bytes everywhere.
COMMON_CFLAGS := -std=gnu11 -O2 -g -ffile-prefix-map=$(CURDIR)=. $(WARNINGS) -MMD -MP -isystem $(XEN_INC) -iquote . \
	-D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__

# Headers made from TypeScript. The C files depend on them as on the engine's source.
OPTIONS_TABLE := $(OUT)/options/options_table.h
HOST_CONTRACT := $(OUT)/options/host_contract.h
HOST_CFLAGS := $(COMMON_CFLAGS) -iquote $(OUT)/options -iquote $(OUT)/translated -isystem $(ENGINE_SRC) -D_GNU_SOURCE
# The daemon is linked at a fixed address, because the heap snapshot has pointers (linux/heap_snapshot.h).
NATIVE_CFLAGS := $(HOST_CFLAGS) -fno-pie
# newlib's printf() with floating point takes 13 KB; test/fractions.node.test.ts checks that no format needs it.
WITHOUT_FRACTIONS := $(foreach f,s sn vsn,-D$(f)printf=$(f)iprintf)
# After a switch to the domain each page and cache line of code costs a miss: no alignment, no SLP vectorization.
STUB_CFLAGS := $(COMMON_CFLAGS) -iquote $(OUT)/options -iquote $(OUT)/translated -Imini-os/include -isystem $(ENGINE_SRC) -nostdinc -isystem $(NEWLIB_INC) \
	-isystem $(shell $(CC) -print-file-name=include) -ffreestanding -fbuiltin -fno-builtin-printf $(WITHOUT_FRACTIONS) \
	-mno-red-zone -fno-tree-slp-vectorize -fno-align-loops -fno-align-jumps -fno-pic -fno-pie -mcmodel=small -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fcf-protection=none -ffunction-sections -fdata-sections -D__XEN_STUB__ -DENGINE_LOW_POINTERS
ENGINE_STUB_CFLAGS := $(filter-out $(WARNINGS),$(STUB_CFLAGS)) -w -fno-jump-tables \
	-D_POSIX_MONOTONIC_CLOCK=1 -D_POSIX_TIMERS=1 -D__TM_GMTOFF=tm_gmtoff

MEMORY_SRC  := engine/memory engine/allocator
LINK_SRC    := transport/link transport/link_ready transport/link_buffers transport/link_close transport/link_output transport/link_input transport/link_handover trace/packets
JOURNAL_SRC := state/journal state/journal_segments state/journal_scan state/journal_pack
PROGRAM_SRC := main engine/engine engine/boot engine/commit engine/turn $(MEMORY_SRC) engine/restart engine/live_update engine/fault $(JOURNAL_SRC) $(LINK_SRC) transport/ring engine/report \
	state/paths cmdline log_place state/outages state/update bindings/arguments bindings/host bindings/handover bindings/update bindings/link bindings/journal bindings/journal_read bindings/paths \
	bindings/domain bindings/clock bindings/log bindings/diagnostics
# Links over xenstore pages, for platforms with grants and event channels.
RING_SRC    := transport/ring_link transport/ring_ports transport/ring_transport
LINUX_SRC   := $(RING_SRC) linux/platform linux/options linux/background linux/notify linux/listen linux/poll linux/stream linux/socket \
	linux/simulate linux/dom0 linux/evtchn linux/domains linux/crash linux/log_file linux/log_out linux/whole_file linux/memory linux/replace linux/handover linux/c_xenstored \
	linux/heap_snapshot linux/heap_profile
XEN_SRC     := $(RING_SRC) domctl xen/platform xen/image xen/unpack xen/ring_below xen/own_client xen/9pfs/ninep_ring xen/9pfs/ninep_message \
	xen/9pfs/ninep_file xen/9pfs/ninep_file_requests xen/9pfs/ninep_session xen/9pfs/ninep_client xen/9pfs/ninep_front
KERNEL_SRC  := start events console grant_map grant_table clock region image memory libc bytes panic

$(OUT)/options/.contract: $(NODE_STAMP) build/contract.mjs $(wildcard src/*.ts src/store/*.ts)
	@mkdir -p $(@D)
	$(NODE) build/contract.mjs $(HOST_CONTRACT)
	@touch $@
# contract.mjs does not touch an unchanged file, so nothing is compiled again.
$(HOST_CONTRACT): $(OUT)/options/.contract ;

$(OPTIONS_TABLE): $(NODE_STAMP) build/options.mjs $(wildcard src/options/*.ts)
	$(NODE) build/options.mjs header $@
$(patsubst %,$(NATIVE)/linux/%.o,platform options dom0) $(STUB)/stubdom/xen/platform.o: $(OPTIONS_TABLE)

.PHONY: docs
docs: $(NODE_STAMP) ## Make docs/options.md from the table of options
	$(NODE) build/options.mjs docs docs/options.md

# --- the daemon on Linux ---

HOST_ENGINE := $(ENGINE_OBJ:%=$(NATIVE)/%.o)
HOST_PROGRAM := $(PROGRAM_SRC:%=$(NATIVE)/%.o) $(NATIVE)/program_file.o $(LINUX_SRC:%=$(NATIVE)/%.o) $(NATIVE)/program.o

$(NATIVE)/quickjs_ext.o: engine/quickjs_ext.c $(ENGINE_SRC)/.done
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(filter-out $(WARNINGS),$(NATIVE_CFLAGS)) -w $(ENGINE_DEFINES) -c $< -o $@
$(filter-out %/quickjs_ext.o,$(HOST_ENGINE)): $(NATIVE)/%.o: $(ENGINE_SRC)/.done
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(filter-out $(WARNINGS),$(NATIVE_CFLAGS)) -w $(ENGINE_SMALL) $(ENGINE_DEFINES) -c $(ENGINE_SRC)/$*.c -o $@
$(NATIVE)/%.o: stubdom/%.c $(ENGINE_SRC)/.done $(HOST_CONTRACT)
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(NATIVE_CFLAGS) -c $< -o $@
$(NATIVE)/%.o: engine/%.c $(ENGINE_SRC)/.done
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(NATIVE_CFLAGS) -c $< -o $@

$(NATIVE)/program.o $(STUB)/program.o: stubdom/program.S $(OUT)/xenstored.prog
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) -DPROGRAM_FILE='"$(OUT)/xenstored.prog"' -c $< -o $@

# The executable is linked, loads its program, and gets the result as its section .heap_snapshot (linux/heap_snapshot.h).
$(NATIVE)/xenstored-without-snapshot: $(HOST_PROGRAM) $(HOST_ENGINE)
	$(CC) -no-pie -Wl,--build-id=none $^ -lm -o $@
$(PRODUCT)/xenstored: $(NATIVE)/xenstored-without-snapshot
	$< --write-heap-snapshot >$(NATIVE)/heap-snapshot
	@# Addresses that are others in each process must not be in it.
	@$< --write-heap-snapshot | cmp - $(NATIVE)/heap-snapshot
	objcopy --update-section .heap_snapshot=$(NATIVE)/heap-snapshot $< $@

# The layout of the images' hot arena (linux/heap_profile.h).
$(PRODUCT)/hot_arena/hot_arena.h: $(NATIVE)/xenstored-without-snapshot
	@mkdir -p $(@D)
	$< --write-heap-profile >$@
$(STUB)/stubdom/engine/allocator.o: $(PRODUCT)/hot_arena/hot_arena.h
$(STUB)/stubdom/engine/allocator.o: private STUB_CFLAGS += -iquote $(PRODUCT)/hot_arena

# The module for the states of domains, apart because its calls change with Xen's releases (linux/domains.h).
MODULE_OBJ := $(NATIVE)/module/domctl.o $(NATIVE)/module/linux/domains_module.o
$(MODULE_OBJ): $(NATIVE)/module/%.o: stubdom/%.c $(FETCHED) $(HOST_CONTRACT)
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(HOST_CFLAGS) -fPIC -c $< -o $@
$(PRODUCT)/xenstored-domains.so: $(MODULE_OBJ)
	$(CC) -shared -Wl,--build-id=none $^ -o $@

.PHONY: daemon image
daemon: $(PRODUCT)/xenstored $(PRODUCT)/xenstored-domains.so ## Build the Linux program, build/out/xenstored
	@:

# --- the images ---

STUB_ENGINE  := $(ENGINE_OBJ:%=$(STUB)/engine/%.o)
STUB_PROGRAM := $(PROGRAM_SRC:%=$(STUB)/stubdom/%.o) $(STUB)/engine/program_file.o $(XEN_SRC:%=$(STUB)/stubdom/%.o) $(STUB)/program.o
STUB_KERNEL  := $(KERNEL_SRC:%=$(STUB)/mini-os/kernel/%.o) $(STUB)/mini-os/arch/x86/common.o
STUB_PV  := $(patsubst %,$(STUB)/mini-os/arch/x86/pv/%.o,entry image start paging) $(STUB)/mini-os/traps-pv.o
STUB_PVH := $(patsubst %,$(STUB)/mini-os/arch/x86/pvh/%.o,entry image start) $(STUB)/mini-os/traps-pvh.o

$(STUB)/engine/quickjs_ext.o: engine/quickjs_ext.c $(ENGINE_SRC)/.done $(NEWLIB_DONE)
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(ENGINE_STUB_CFLAGS) $(ENGINE_DEFINES) -c $< -o $@
$(filter-out %/quickjs_ext.o,$(STUB_ENGINE)): $(STUB)/engine/%.o: $(ENGINE_SRC)/.done $(NEWLIB_DONE)
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(ENGINE_STUB_CFLAGS) $(ENGINE_SMALL) $(ENGINE_DEFINES) -c $(ENGINE_SRC)/$*.c -o $@
$(STUB)/%.o: %.c $(ENGINE_SRC)/.done $(NEWLIB_DONE) $(HOST_CONTRACT)
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) -flto $(STUB_CFLAGS) -c $< -o $@
# GCC must not turn the code of memcpy() and the like into calls of itself.
$(STUB)/mini-os/kernel/bytes.o: private STUB_CFLAGS += -fno-builtin -fno-tree-loop-distribute-patterns -fno-lto
# What no request passes is compiled for size: 5 KB of a gzipped image.
STUB_SMALL := domctl cmdline log_place state/update state/outages engine/live_update engine/restart engine/fault engine/report \
	bindings/host bindings/update bindings/handover bindings/diagnostics xen/image xen/unpack xen/own_client $(filter xen/9pfs/%,$(XEN_SRC))
KERNEL_SMALL := image region start panic console memory grant_map grant_table
$(STUB_SMALL:%=$(STUB)/stubdom/%.o) $(KERNEL_SMALL:%=$(STUB)/mini-os/kernel/%.o): private STUB_CFLAGS += -Os
$(STUB)/%.o: %.S $(FETCHED)
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) -g -isystem $(XEN_INC) -c $< -o $@
$(STUB)/mini-os/traps-pv.o: mini-os/arch/x86/traps.S
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) -g -DPV -c $< -o $@
$(STUB)/mini-os/traps-pvh.o: mini-os/arch/x86/traps.S
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) -g -c $< -o $@
$(STUB)/image.lds: mini-os/arch/x86/image.lds.S stubdom/xen/hot.lds
	@mkdir -p $(@D)
	@$(CC) -E -P -x assembler-with-cpp -D'HOT_TEXT="$(CURDIR)/stubdom/xen/hot.lds"' $< -o $@

link_image = @echo "link $@" && $(CC) $(STUB_CFLAGS) -flto=auto -nostdlib -static -no-pie -Wl,--defsym=IMAGE_ROOM=$(IMAGE_ROOM) -Wl,-T,$(STUB)/image.lds -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,noexecstack $(filter %.o,$^) -L$(NEWLIB_LIB) -Wl,--start-group -lc -lm -lgcc -Wl,--end-group -o $@

# Bytes behind a PV image, whose place in memory is fixed, for a larger one that replaces it. A PVH image needs none.
IMAGE_ROOM := 0
$(PRODUCT)/xenstore-ts-stubdom.elf: private IMAGE_ROOM := 0x20000
$(PRODUCT)/xenstore-ts-stubdom.elf: $(STUB_PROGRAM) $(STUB_ENGINE) $(STUB_KERNEL) $(STUB_PV) $(STUB)/image.lds
	$(link_image)
$(PRODUCT)/xenstore-ts-stubdom-pvh.elf: $(STUB_PROGRAM) $(STUB_ENGINE) $(STUB_KERNEL) $(STUB_PVH) $(STUB)/image.lds
	$(link_image)
$(PRODUCT)/%.gz: $(PRODUCT)/%.elf
	@objcopy --strip-all $< $(@:.gz=.stripped)
	@gzip -9nc $(@:.gz=.stripped) > $@
	@rm $(@:.gz=.stripped)

# --- the test guest: the same kernel, another program ---

GUEST_PROGRAM := $(patsubst %,$(STUB)/images/guest/%.o,main client relay kinds obey memory hostile)
$(PRODUCT)/test-guest.elf: $(GUEST_PROGRAM) $(STUB_KERNEL) $(STUB_PV) $(STUB)/image.lds
	$(link_image)
$(PRODUCT)/test-guest-pvh.elf: $(GUEST_PROGRAM) $(STUB_KERNEL) $(STUB_PVH) $(STUB)/image.lds
	$(link_image)

.PHONY: guest
guest: $(PRODUCT)/test-guest.gz $(PRODUCT)/test-guest-pvh.gz ## Build the test guest, PV and PVH
	@:

image: $(PRODUCT)/xenstore-ts-stubdom.gz $(PRODUCT)/xenstore-ts-stubdom-pvh.gz ## Build both images into build/out/
	@:

# --- tests of the C side, under the address and undefined-behaviour sanitizers ---

TEST_CFLAGS := $(filter-out -O2,$(HOST_CFLAGS)) -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
TEST_ENGINE := $(ENGINE_OBJ:%=$(TESTS)/%.o)
TEST_PROGRAM := $(patsubst %,$(TESTS)/%.o,$(filter-out main,$(PROGRAM_SRC)) program_file)

# For QuickJS, only memory is checked: its undefined arithmetic is upstream's.
$(TEST_ENGINE): $(TESTS)/%.o: $(ENGINE_SRC)/.done engine/quickjs_ext.c
	@echo "cc $@"; mkdir -p $(@D)
	@$(CC) $(filter-out $(WARNINGS) -fsanitize=% -fno-sanitize-recover=%,$(TEST_CFLAGS)) -fsanitize=address -w \
		$(QUICKJS_DEFINES) -DENGINE_STRESSED -c $(if $(filter quickjs_ext,$*),engine,$(ENGINE_SRC))/$*.c -o $@
$(TESTS)/%.o: stubdom/%.c $(ENGINE_SRC)/.done $(HOST_CONTRACT)
	@echo "cc $@"; mkdir -p $(@D)
	@$(CC) $(TEST_CFLAGS) -c $< -o $@
$(TESTS)/%.o: engine/%.c $(ENGINE_SRC)/.done
	@echo "cc $@"; mkdir -p $(@D)
	@$(CC) $(TEST_CFLAGS) -c $< -o $@
$(TESTS)/%.o: test/native/%.c $(ENGINE_SRC)/.done $(HOST_CONTRACT)
	@echo "cc $@"; mkdir -p $(@D)
	@$(CC) $(TEST_CFLAGS) -c $< -o $@

$(TESTS)/ring_test: $(addprefix $(TESTS)/,ring_test.o transport/ring.o)
LINK_TESTS := link_test link_output_test link_turns_test link_memory_test
$(LINK_TESTS:%=$(TESTS)/%): $(TESTS)/%: $(patsubst %,$(TESTS)/%.o,% link_driver pipe_link $(LINK_SRC) fake_platform)
$(TESTS)/packets_test: $(addprefix $(TESTS)/,packets_test.o fake_platform.o)
$(TESTS)/update_test: $(addprefix $(TESTS)/,update_test.o state/update.o program_file.o fake_platform.o)
$(TESTS)/cmdline_test: $(addprefix $(TESTS)/,cmdline_test.o cmdline.o)
$(TESTS)/log_file_test: $(addprefix $(TESTS)/,log_file_test.o log_place.o linux/log_file.o linux/log_out.o)
$(TESTS)/whole_file_test: $(addprefix $(TESTS)/,whole_file_test.o linux/whole_file.o)
$(TESTS)/ninep_test: $(addprefix $(TESTS)/,ninep_test.o ninep_server.o fake_platform.o log_place.o xen/9pfs/ninep_ring.o xen/9pfs/ninep_message.o xen/9pfs/ninep_file.o xen/9pfs/ninep_file_requests.o xen/9pfs/ninep_session.o xen/9pfs/ninep_client.o)
ENGINE_TESTS := engine_memory_test engine_failure_test engine_full_test engine_test engine_translation_test
$(ENGINE_TESTS:%=$(TESTS)/%): $(addprefix $(TESTS)/,engine_driver.o linux/heap_snapshot.o)
$(addprefix $(TESTS)/,$(ENGINE_TESTS) insight_test quickjs_memory_test): $(TESTS)/%: $(addprefix $(TESTS)/,%.o pipe_link.o fake_platform.o) $(TEST_PROGRAM) $(TEST_ENGINE) \
	$(NATIVE)/program.o
$(TESTS)/quickjs_changes_test: $(TESTS)/quickjs_changes_test.o $(TEST_ENGINE)
$(addprefix $(TESTS)/,journal_test journal_size_test): $(TESTS)/%: $(patsubst %,$(TESTS)/%.o,$(JOURNAL_SRC) $(MEMORY_SRC)) $(TESTS)/%.o
# A heap without large blocks, and a journal without room.
$(TESTS)/engine_full_test: TEST_LINK := -Wl,--wrap=journal_reserve
$(TESTS)/journal_test: TEST_LINK := -Wl,--wrap=malloc,--wrap=realloc
$(TESTS)/paths_test: $(patsubst %,$(TESTS)/%.o,paths_test state/paths $(MEMORY_SRC))
$(TESTS)/domctl_test: $(addprefix $(TESTS)/,domctl_test.o domctl.o)
$(TESTS)/bytes_test: $(TESTS)/bytes_test.o
$(TESTS)/image_test.o: private TEST_CFLAGS += -Imini-os/include
$(TESTS)/image_test: $(TESTS)/image_test.o
$(TESTS)/unpack_test: $(addprefix $(TESTS)/,unpack_test.o xen/unpack.o)
$(TESTS)/notify_test: $(addprefix $(TESTS)/,notify_test.o linux/notify.o)
# Compiled as for the daemon: with sanitizers the two sides of the ring would hardly ever race.
$(TESTS)/ring_race_test: test/native/ring_race_test.c test/native/fake_platform.c $(patsubst %,$(NATIVE)/%.o,transport/ring $(RING_SRC) $(LINK_SRC))
	@echo "link $@"; mkdir -p $(@D)
	@$(CC) $(NATIVE_CFLAGS) -no-pie $(filter %.c %.o,$^) -lpthread -o $@
$(TESTS)/%_test:
	@echo "link $@"
	@$(CC) -fsanitize=address,undefined $(TEST_LINK) $^ -lm -o $@

# The daemon with its engine and translations, under the sanitizers: DAEMON= of the suites over sockets. It has no heap
# snapshot (linux/heap_snapshot.h), and loads its program at its start.
SANITIZED := $(OUT)/sanitized/xenstored
$(SANITIZED): $(patsubst %,$(TESTS)/%.o,$(PROGRAM_SRC) program_file $(LINUX_SRC)) $(TEST_ENGINE) $(NATIVE)/program.o
	@echo "link $@"; mkdir -p $(@D)
	@$(CC) -fsanitize=address,undefined -no-pie $^ -lm -o $@
$(patsubst %,$(TESTS)/linux/%.o,platform options dom0): $(OPTIONS_TABLE)

.PHONY: check-sanitized
check-sanitized: $(NODE_STAMP) $(SANITIZED) ## Random histories on the daemon under sanitizers, beside the naive store (SEED= STEPS=)
	@echo "== $@"
	$(NODE) test/support/run.mjs sanitized

.PHONY: check-native quickjs-faults
# The longest come first: side by side, none is alone at the end.
NATIVE_TESTS := $(ENGINE_TESTS) ring_race_test journal_test journal_size_test quickjs_memory_test paths_test ninep_test $(LINK_TESTS) insight_test quickjs_changes_test \
	packets_test ring_test cmdline_test update_test log_file_test whole_file_test domctl_test notify_test bytes_test image_test unpack_test
# What takes long is left to `make test`.
LONG_TESTS := engine_memory_test engine_failure_test ring_race_test
check-native: $(addprefix $(TESTS)/,$(if $(filter off,$(LONG)),$(filter-out $(LONG_TESTS),$(NATIVE_TESTS)),$(NATIVE_TESTS))) ## Tests of the C side under sanitizers
	@echo "== $@"
	@sh test/native/run.sh native $^

quickjs-faults: $(FETCHED) ## Show what QuickJS as it comes does wrong when memory ends (engine/README.md)
	@mkdir -p $(OUT)/quickjs-faults
	@$(CC) -O1 -g -fsanitize=address -w $(QUICKJS_DEFINES) -I$(QUICKJS_SRC) test/native/quickjs_memory_test.c \
		$(addprefix $(QUICKJS_SRC)/,quickjs.c libregexp.c libunicode.c cutils.c dtoa.c) -lm -o $(OUT)/quickjs-faults/test
	@for test in $$(sed -n 's/^        {"\([a-z_]*\)", .*/\1/p' test/native/quickjs_memory_test.c); do echo "== $$test"; \
		$(OUT)/quickjs-faults/test $$test 2>&1 | grep -a -m 3 '^ok\|^not ok\|ERROR:\|^ *#[0-3] .*quickjs\.c'; done

-include $(shell find $(NATIVE) $(STUB) $(TESTS) -name '*.d' 2>/dev/null)
