# The C side: the engine, the daemon for Linux, and the two images.
#
# One list of objects for the program, compiled twice: for the host, and for the
# kernel (freestanding, no red zone, newlib). One list for the kernel, linked
# twice with the PV or the PVH entry.

NATIVE := $(OUT)/native
STUB   := $(OUT)/stub
TESTS  := $(OUT)/native-test

WARNINGS := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes
COMMON_CFLAGS := -std=gnu11 -O2 -g $(WARNINGS) -MMD -MP -isystem $(XEN_INC) -iquote stubdom \
	-D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__
QUICKJS_DEFINES := -DCONFIG_VERSION='"2025-04-26"' -D_GNU_SOURCE
ENGINE_SRC := $(OUT)/engine
comma := ,

OPTIONS_TABLE := $(OUT)/options/options_table.h
HOST_CFLAGS := $(COMMON_CFLAGS) -iquote $(OUT)/options -iquote $(OUT)/translated -isystem $(ENGINE_SRC) -D_GNU_SOURCE
# The daemon has fixed addresses: those in the prepared program (posix/prepared.h) have to hold.
NATIVE_CFLAGS := $(HOST_CFLAGS) -fno-pie
# A domain that was away pays for each block, page and cache line of code: no padding, no vectors of two values.
STUB_CFLAGS := $(COMMON_CFLAGS) -iquote $(OUT)/options -iquote $(OUT)/translated -Imini-os/include -isystem $(ENGINE_SRC) -nostdinc -isystem $(NEWLIB_INC) \
	-isystem $(shell $(CC) -print-file-name=include) -ffreestanding -fbuiltin $(addprefix -fno-builtin-,printf snprintf vsnprintf) \
	-mno-red-zone -fno-tree-slp-vectorize -fno-align-loops -fno-align-jumps -fno-pic -fno-pie -mcmodel=small -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fcf-protection=none -ffunction-sections -fdata-sections -D__XEN_STUB__ -DENGINE_LOW_POINTERS
ENGINE_STUB_CFLAGS := $(filter-out $(WARNINGS),$(STUB_CFLAGS)) -w -fno-jump-tables \
	-D_POSIX_MONOTONIC_CLOCK=1 -D_POSIX_TIMERS=1 -D__TM_GMTOFF=tm_gmtoff

PROGRAM_SRC := main engine engine_memory exchange fault journal journal_pack link ring report program_file \
	packets paths words log_place update bind_update bind_link bind_journal bind_paths \
	bind_domain bind_clock bind_log bind_insight
POSIX_SRC   := ring_link posix/platform posix/options posix/notify posix/poll posix/stream posix/socket \
	posix/simulate posix/dom0 posix/evtchn posix/domains posix/crash posix/log_file posix/log_out posix/whole_file posix/memory posix/replace \
	posix/prepared posix/rehearse
XEN_SRC     := ring_link domctl xen/platform xen/ring_below xen/own_client xen/ninep_ring xen/ninep_message \
	xen/ninep_files xen/ninep_front
ENGINE_OBJ  := engine_quickjs libregexp libunicode cutils dtoa
KERNEL_SRC  := start events console grants granting clock memory libc bytes panic

# --- the engine's source, prepared ---

# What QuickJS 2025-04-26 does wrong when memory ends is mended here; test/native/engine_test.c shows each.
# mend FUNCTION, SED COMMAND, WHAT MUST BE IN THE FUNCTION AFTERWARDS
mend = sed -i '/^static .*$(1)/,/^}/$(2)' $(ENGINE_SRC)/quickjs.c && \
	sed -n '/^static .*$(1)/,/^}/p' $(ENGINE_SRC)/quickjs.c | grep -qF '$(3)' || { echo "cannot mend $(1)" >&2; exit 1; }

QUICKENED := fast_call=2 fast_variables=1 HOLD=19 HOLD_NUMBER=1 fast_get_field=3 fast_get_element=2 fast_put_field=1 fast_put_element=1 fast_check=3 fast_is_checked=1 fast_poll=1 fast_more=3 fast_ref=1 fast_names=1 fast_name=1 fast_translated=2 translated_find=1 translated_forget=2

$(ENGINE_SRC)/.done: $(FETCHED) build/native.mk build/engine.sed
	@echo "preparing the engine's source"
	@rm -rf $(ENGINE_SRC) && mkdir -p $(ENGINE_SRC)
	@cp $(QUICKJS_SRC)/*.c $(QUICKJS_SRC)/*.h $(ENGINE_SRC)/
	@# Null is thrown where no error object can be made; a backtrace on it throws again, for ever.
	@$(call mend,JS_ThrowError2,s/if (add_backtrace)/if (add_backtrace \&\& !JS_IsNull(obj))/,!JS_IsNull(obj))
	@# An allocation that fails while a backtrace is made throws, and so frees the very error that gets the backtrace.
	@$(call mend,build_backtrace,s/^    js_dbuf_init(ctx$(comma) &dbuf);/&\n    error_obj = JS_DupValue(ctx$(comma) error_obj);/,error_obj = JS_DupValue)
	@$(call mend,build_backtrace,s/^}/    JS_FreeValue(ctx$(comma) error_obj);\n}/,JS_FreeValue(ctx$(comma) error_obj))
	@# A text that found no room must not become a property: whoever reads it would find an exception that nobody threw.
	@$(call mend,build_backtrace,s/^    dbuf_free(&dbuf);/&\n    if (JS_IsException(str)) str = JS_NULL;/,if (JS_IsException(str)))
	@# A built-in is made when it is first asked for; it must not stay undefined for good.
	@$(call mend,JS_AutoInitProperty,s/^    js_autoinit_free(ctx->rt$(comma) pr);/    if (JS_IsException(val)) return -1;\n&/,return -1;)
	@# An array whose element found no room must not be longer all the same.
	@$(call mend,add_fast_array_element,s/^    new_len = .*/&\n    if (new_len > p->u.array.u1.size \&\& expand_fast_array(ctx$(comma) p$(comma) new_len)) { JS_FreeValue(ctx$(comma) val); return -1; }/,{ JS_FreeValue(ctx$(comma) val); return -1; })
	@# A list of properties ends where a name finds no memory, and an object that is made when it is first asked for must have all.
	@sed -i '/^void JS_SetPropertyFunctionList/,/^}/s/^        JSAtom atom = find_atom(ctx$(comma) e->name);/&\n        if (atom == JS_ATOM_NULL) return;/' $(ENGINE_SRC)/quickjs.c
	@sed -n '/^void JS_SetPropertyFunctionList/,/^}/p' $(ENGINE_SRC)/quickjs.c | grep -qF 'if (atom == JS_ATOM_NULL) return;' || { echo "cannot mend JS_SetPropertyFunctionList" >&2; exit 1; }
	@$(call mend,JS_InstantiateFunctionListItem2,s/^        JS_SetPropertyFunctionList.ctx$(comma) val.*/        if (JS_IsException(val)) break;\n&\n        if (JS_VALUE_GET_OBJ(val)->shape->prop_count < e->u.prop_list.len) { JS_FreeValue(ctx$(comma) val); return JS_EXCEPTION; }/,return JS_EXCEPTION; })
	@# What was read of an array must be let go where its index finds no memory as a text.
	@$(call mend,js_json_to_str,{/prop = JS_ToStringFree.ctx$(comma) JS_NewInt64/{n;s/.*/                if (JS_IsException(prop)) JS_FreeValue(ctx$(comma) v);\n&/}},if (JS_IsException(prop)) JS_FreeValue)
	@# What makes it quicker, and how often each change must be found afterwards.
	@sed -i -f build/engine.sed $(ENGINE_SRC)/quickjs.c
	@for change in $(QUICKENED); do [ "$$(grep -cF "$${change%=*}(" $(ENGINE_SRC)/quickjs.c)" = "$${change#*=}" ] || \
		{ echo "build/engine.sed: $${change%=*} is not found $${change#*=} times" >&2; exit 1; }; done
	@# The images' memory ends below 4 GiB: a value takes 8 bytes there, as on machines whose pointers have 32 bits.
	@sed -i -e '/^#ifndef JS_PTR64$$/{N;s/.*\n#define JS_NAN_BOXING/#if !defined(JS_PTR64) || defined(ENGINE_LOW_POINTERS)\n#define JS_NAN_BOXING/}' \
		-e 's/^#if defined(__SIZEOF_INT128__) && (INTPTR_MAX >= INT64_MAX)$$/#if defined(__SIZEOF_INT128__) \&\& (INTPTR_MAX >= INT64_MAX) \&\& !defined(ENGINE_LOW_POINTERS)/' \
		-e 's/^#define JS_VALUE_GET_PTR(v) (void \*)(intptr_t)(v)$$/#define JS_VALUE_GET_PTR(v) (void *)(uintptr_t)(uint32_t)(v)/' $(ENGINE_SRC)/quickjs.h
	@[ "$$(grep -c 'ENGINE_LOW_POINTERS\|(uintptr_t)(uint32_t)(v)' $(ENGINE_SRC)/quickjs.h)" = 3 ] || \
		{ echo "build/native.mk: the engine's values cannot be made smaller" >&2; exit 1; }
	@# A count of references is never below nothing; a comparison with nothing needs no instruction of its own.
	@sed -i 's/if (--p->ref_count <= 0)/if (--p->ref_count == 0)/' $(ENGINE_SRC)/quickjs.h
	@[ "$$(grep -cF 'if (--p->ref_count == 0)' $(ENGINE_SRC)/quickjs.h)" = 2 ] || { echo "cannot change JS_FreeValue" >&2; exit 1; }
	@# Atomics want threads, which the kernel does not have.
	@sed -i 's/^#define CONFIG_ATOMICS.*//' $(ENGINE_SRC)/quickjs.c
	@touch $@
# The compiler's dependency files name these: while they are being made anew, they are not there.
$(ENGINE_SRC)/%.c $(ENGINE_SRC)/%.h: $(ENGINE_SRC)/.done ;

# The compiler's list of headers leaves out what a system header includes, as which it takes the engine.
ENGINE_UNITS := $(NATIVE)/engine_quickjs.o $(STUB)/engine/engine_quickjs.o $(TESTS)/engine_quickjs.o
$(ENGINE_UNITS) $(NATIVE)/listing.o: stubdom/engine_fast.h stubdom/engine_held.h stubdom/engine_translated.h stubdom/engine_sites.h stubdom/engine_stressed.h stubdom/in_place.h

# The program's functions that are in C as well (build/translate).
TRANSLATED := $(OUT)/translated/translated.h
$(OUT)/translated/.done: $(OUT)/xenstored.prog $(wildcard build/translate/*)
	@mkdir -p $(@D)
	$(NODE) build/translate/main.mjs $(OUT)/xenstored.listing $(OUT)/xenstored.lines build/translate/functions.txt $(TRANSLATED)
	@touch $@
# What comes out the same is not compiled again.
$(TRANSLATED): $(OUT)/translated/.done ;
$(ENGINE_UNITS): $(TRANSLATED)

$(OPTIONS_TABLE): $(NODE_STAMP) build/options.mjs $(wildcard src/options/*.ts)
	$(NODE) build/options.mjs header $@
$(patsubst %,$(NATIVE)/posix/%.o,platform options dom0) $(STUB)/stubdom/xen/platform.o: $(OPTIONS_TABLE)

.PHONY: docs
docs: $(NODE_STAMP) ## Make docs/options.md from the table of options
	$(NODE) build/options.mjs docs docs/options.md

# --- the daemon on Linux ---

HOST_ENGINE := $(ENGINE_OBJ:%=$(NATIVE)/%.o)
HOST_PROGRAM := $(PROGRAM_SRC:%=$(NATIVE)/%.o) $(POSIX_SRC:%=$(NATIVE)/%.o) $(NATIVE)/program.o

$(NATIVE)/engine_quickjs.o: stubdom/engine_quickjs.c $(ENGINE_SRC)/.done
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(filter-out $(WARNINGS),$(NATIVE_CFLAGS)) -w $(QUICKJS_DEFINES) -c $< -o $@
$(filter-out %/engine_quickjs.o,$(HOST_ENGINE)): $(NATIVE)/%.o: $(ENGINE_SRC)/.done
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(filter-out $(WARNINGS),$(NATIVE_CFLAGS)) -w $(QUICKJS_DEFINES) -c $(ENGINE_SRC)/$*.c -o $@
$(NATIVE)/%.o: stubdom/%.c $(ENGINE_SRC)/.done
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(NATIVE_CFLAGS) -c $< -o $@

# The build tool's engine: it reads the program once, so it is compiled in a hurry, and has no translations.
$(NATIVE)/listing.o: stubdom/listing.c $(ENGINE_SRC)/.done
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(filter-out $(WARNINGS) -O2 -g,$(NATIVE_CFLAGS)) -w $(QUICKJS_DEFINES) -c $< -o $@
$(NATIVE)/compile: $(NATIVE)/compile.o $(NATIVE)/listing.o $(NATIVE)/program_file.o $(filter-out %/engine_quickjs.o,$(HOST_ENGINE))
	$(CC) -no-pie $^ -lm -o $@
VERSION := $(shell sed -n 's/^  "version": "\(.*\)",$$/\1/p' package.json)
$(OUT)/xenstored.prog: $(NATIVE)/compile $(OUT)/xenstored.js package.json
	$(NATIVE)/compile $(OUT)/xenstored.js $(OUT)/xenstored.lines $@ $(VERSION) $(OUT)/xenstored.listing
$(NATIVE)/program.o $(STUB)/program.o: stubdom/program.S $(OUT)/xenstored.prog
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) -DPROGRAM_FILE='"$(OUT)/xenstored.prog"' -c $< -o $@

# It is linked, loads its program, and that is put into it: posix/prepared.h.
$(NATIVE)/unprepared: $(HOST_PROGRAM) $(HOST_ENGINE)
	$(CC) -no-pie $^ -lm -o $@
$(OUT)/xenstored: $(NATIVE)/unprepared
	$< --prepare >$(NATIVE)/prepared
	@# Addresses that are others in each process must not be in it.
	@$< --prepare | cmp - $(NATIVE)/prepared
	objcopy --update-section .prepared=$(NATIVE)/prepared $< $@

# Where in the images' memory lies what requests touch: posix/rehearse.h.
$(OUT)/near/near.h: $(NATIVE)/unprepared
	@mkdir -p $(@D)
	$< --rehearse >$@
$(STUB)/stubdom/engine_memory.o: $(OUT)/near/near.h
$(STUB)/stubdom/engine_memory.o: private STUB_CFLAGS += -iquote $(OUT)/near

# What Xen tells of domains: a module of its own, because those calls change with Xen's releases.
MODULE_OBJ := $(NATIVE)/module/domctl.o $(NATIVE)/module/posix/domains_module.o
$(MODULE_OBJ): $(NATIVE)/module/%.o: stubdom/%.c $(FETCHED)
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(HOST_CFLAGS) -fPIC -c $< -o $@
$(OUT)/xenstored-domains.so: $(MODULE_OBJ)
	$(CC) -shared $^ -o $@

.PHONY: daemon image
daemon: $(OUT)/xenstored $(OUT)/xenstored-domains.so ## Build the Linux program, build/out/xenstored

# --- the images ---

STUB_ENGINE  := $(ENGINE_OBJ:%=$(STUB)/engine/%.o)
STUB_PROGRAM := $(PROGRAM_SRC:%=$(STUB)/stubdom/%.o) $(XEN_SRC:%=$(STUB)/stubdom/%.o) $(STUB)/program.o
STUB_KERNEL  := $(KERNEL_SRC:%=$(STUB)/mini-os/kernel/%.o) $(STUB)/mini-os/arch/x86/common.o
STUB_PV  := $(patsubst %,$(STUB)/mini-os/arch/x86/pv/%.o,entry start paging) $(STUB)/mini-os/traps-pv.o
STUB_PVH := $(patsubst %,$(STUB)/mini-os/arch/x86/pvh/%.o,entry start) $(STUB)/mini-os/traps-pvh.o

$(STUB)/engine/engine_quickjs.o: stubdom/engine_quickjs.c $(ENGINE_SRC)/.done $(NEWLIB_DONE)
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(ENGINE_STUB_CFLAGS) $(QUICKJS_DEFINES) -c $< -o $@
$(filter-out %/engine_quickjs.o,$(STUB_ENGINE)): $(STUB)/engine/%.o: $(ENGINE_SRC)/.done $(NEWLIB_DONE)
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(ENGINE_STUB_CFLAGS) $(QUICKJS_DEFINES) -c $(ENGINE_SRC)/$*.c -o $@
$(STUB)/%.o: %.c $(ENGINE_SRC)/.done $(NEWLIB_DONE)
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) -flto $(STUB_CFLAGS) -c $< -o $@
# It must not become calls of what it is.
$(STUB)/mini-os/kernel/bytes.o: private STUB_CFLAGS += -fno-builtin -fno-tree-loop-distribute-patterns -fno-lto
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
$(STUB)/image.lds: mini-os/arch/x86/image.lds.S stubdom/xen/hot.lds stubdom/xen/hot_data.lds
	@mkdir -p $(@D)
	@$(CC) -E -P -x assembler-with-cpp -D'HOT_TEXT="$(CURDIR)/stubdom/xen/hot.lds"' \
		-D'HOT_DATA="$(CURDIR)/stubdom/xen/hot_data.lds"' $< -o $@

link_image = @echo "link $@" && $(CC) $(STUB_CFLAGS) -flto=auto -nostdlib -static -no-pie -Wl,-T,$(STUB)/image.lds -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,noexecstack $(filter %.o,$^) -L$(NEWLIB_LIB) -Wl,--start-group -lc -lm -lgcc -Wl,--end-group -o $@

$(OUT)/xenstore-ts-stubdom.elf: $(STUB_PROGRAM) $(STUB_ENGINE) $(STUB_KERNEL) $(STUB_PV) $(STUB)/image.lds
	$(link_image)
$(OUT)/xenstore-ts-stubdom-pvh.elf: $(STUB_PROGRAM) $(STUB_ENGINE) $(STUB_KERNEL) $(STUB_PVH) $(STUB)/image.lds
	$(link_image)
$(OUT)/%.gz: $(OUT)/%.elf
	@objcopy --strip-all $< $(@:.gz=.stripped)
	@gzip -9nc $(@:.gz=.stripped) > $@
	@rm $(@:.gz=.stripped)

# --- the test guest: the same kernel, another program ---

GUEST_PROGRAM := $(patsubst %,$(STUB)/images/guest/%.o,main client relay kinds obey memory hostile)
$(OUT)/test-guest.elf: $(GUEST_PROGRAM) $(STUB_KERNEL) $(STUB_PV) $(STUB)/image.lds
	$(link_image)
$(OUT)/test-guest-pvh.elf: $(GUEST_PROGRAM) $(STUB_KERNEL) $(STUB_PVH) $(STUB)/image.lds
	$(link_image)

.PHONY: guest
guest: $(OUT)/test-guest.gz $(OUT)/test-guest-pvh.gz ## Build the test guest, PV and PVH

image: $(OUT)/xenstore-ts-stubdom.gz $(OUT)/xenstore-ts-stubdom-pvh.gz ## Build both images into build/out/

# --- tests of the C side, under the address and undefined-behaviour sanitizers ---

TEST_CFLAGS := $(filter-out -O2,$(HOST_CFLAGS)) -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
TEST_ENGINE := $(ENGINE_OBJ:%=$(TESTS)/%.o)
TEST_PROGRAM := $(patsubst %,$(TESTS)/%.o,$(filter-out main,$(PROGRAM_SRC)))

# The engine is not ours to mend: its memory is watched, its arithmetic is not.
$(TEST_ENGINE): $(TESTS)/%.o: $(ENGINE_SRC)/.done stubdom/engine_quickjs.c
	@echo "cc $@"; mkdir -p $(@D)
	@$(CC) $(filter-out $(WARNINGS) -fsanitize=% -fno-sanitize-recover=%,$(TEST_CFLAGS)) -fsanitize=address -w \
		$(QUICKJS_DEFINES) -DENGINE_STRESSED -c $(if $(filter engine_quickjs,$*),stubdom,$(ENGINE_SRC))/$*.c -o $@
$(TESTS)/%.o: stubdom/%.c $(ENGINE_SRC)/.done
	@echo "cc $@"; mkdir -p $(@D)
	@$(CC) $(TEST_CFLAGS) -c $< -o $@
$(TESTS)/%.o: test/native/%.c $(ENGINE_SRC)/.done
	@echo "cc $@"; mkdir -p $(@D)
	@$(CC) $(TEST_CFLAGS) -c $< -o $@

$(TESTS)/ring_test: $(addprefix $(TESTS)/,ring_test.o ring.o)
$(TESTS)/link_test: $(addprefix $(TESTS)/,link_test.o pipe_link.o link.o packets.o fake_platform.o)
$(TESTS)/packets_test: $(addprefix $(TESTS)/,packets_test.o fake_platform.o)
$(TESTS)/update_test: $(addprefix $(TESTS)/,update_test.o update.o program_file.o fake_platform.o)
$(TESTS)/words_test: $(addprefix $(TESTS)/,words_test.o words.o)
$(TESTS)/log_file_test: $(addprefix $(TESTS)/,log_file_test.o log_place.o posix/log_file.o posix/log_out.o)
$(TESTS)/whole_file_test: $(addprefix $(TESTS)/,whole_file_test.o posix/whole_file.o)
$(TESTS)/ninep_test: $(addprefix $(TESTS)/,ninep_test.o ninep_server.o fake_platform.o log_place.o xen/ninep_ring.o xen/ninep_message.o xen/ninep_files.o)
$(TESTS)/engine_test: $(TESTS)/posix/prepared.o
$(TESTS)/engine_test $(TESTS)/insight_test $(TESTS)/quickjs_memory_test: $(TESTS)/%: $(addprefix $(TESTS)/,%.o pipe_link.o fake_platform.o) $(TEST_PROGRAM) $(TEST_ENGINE) \
	$(NATIVE)/program.o
$(TESTS)/journal_test: $(addprefix $(TESTS)/,journal_test.o journal.o journal_pack.o engine_memory.o)
$(TESTS)/paths_test: $(addprefix $(TESTS)/,paths_test.o paths.o engine_memory.o)
$(TESTS)/domctl_test: $(addprefix $(TESTS)/,domctl_test.o domctl.o)
$(TESTS)/bytes_test: $(TESTS)/bytes_test.o
$(TESTS)/notify_test: $(addprefix $(TESTS)/,notify_test.o posix/notify.o)
# As compiled for the daemon, without sanitizers: they would keep the two sides of the ring from overlapping.
$(TESTS)/ring_race_test: test/native/ring_race_test.c test/native/fake_platform.c $(addprefix $(NATIVE)/,ring.o ring_link.o link.o packets.o)
	@echo "link $@"; mkdir -p $(@D)
	@$(CC) $(NATIVE_CFLAGS) -no-pie $^ -lpthread -o $@
$(TESTS)/%_test:
	@echo "link $@"
	@$(CC) -fsanitize=address,undefined $^ -lm -o $@

.PHONY: check-native quickjs-faults
NATIVE_TESTS := ring_test ring_race_test link_test packets_test journal_test paths_test words_test update_test log_file_test whole_file_test ninep_test \
	domctl_test notify_test bytes_test insight_test engine_test quickjs_memory_test
check-native: $(addprefix $(TESTS)/,$(NATIVE_TESTS)) ## Tests of the C side under sanitizers
	@echo "== $@"
	@sh test/native/run.sh $^

quickjs-faults: $(FETCHED) ## Show what QuickJS as it comes does wrong when memory ends (docs/engine.md)
	@mkdir -p $(OUT)/quickjs-faults
	@$(CC) -O1 -g -fsanitize=address -w $(QUICKJS_DEFINES) -I$(QUICKJS_SRC) test/native/quickjs_memory_test.c \
		$(addprefix $(QUICKJS_SRC)/,quickjs.c libregexp.c libunicode.c cutils.c dtoa.c) -lm -o $(OUT)/quickjs-faults/test
	@for test in $$(sed -n 's/^        {"\([a-z_]*\)", .*/\1/p' test/native/quickjs_memory_test.c); do echo "== $$test"; \
		$(OUT)/quickjs-faults/test $$test 2>&1 | grep -a -m 3 '^ok\|^not ok\|ERROR:\|^ *#[0-3] .*quickjs\.c'; done

-include $(shell find $(NATIVE) $(STUB) $(TESTS) -name '*.d' 2>/dev/null)
