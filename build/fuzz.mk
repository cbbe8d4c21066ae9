# Fuzzing of the C side and of the daemon in its engine: libFuzzer, under the address and undefined-behaviour sanitizers.
#
# The engine is the shipped one with its translations, so their branches give coverage of the TypeScript.

FUZZ := $(OUT)/fuzz
FUZZ_CC := clang
FUZZ_TARGETS := wire rings state program options ninep control

FUZZ_COMMON := $(filter-out $(WARNINGS),$(HOST_CFLAGS)) -fno-omit-frame-pointer
FUZZ_CFLAGS := $(FUZZ_COMMON) -Wall -Wextra -Werror -Wno-missing-field-initializers -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
# For QuickJS, only its heap is checked: its undefined arithmetic is upstream's, and its comparisons do not help the fuzzer.
# Checks of its stack, as in engine_test, would cost a third of the executions.
FUZZ_ENGINE_CFLAGS := $(FUZZ_COMMON) -w $(QUICKJS_DEFINES) -fsanitize=address -mllvm -asan-stack=0 -fsanitize-coverage=inline-8bit-counters,pc-table

FUZZ_ENGINE := $(ENGINE_OBJ:%=$(FUZZ)/obj/%.o)
FUZZ_DAEMON := $(FUZZ_ENGINE) $(patsubst %,$(FUZZ)/obj/%.o,$(filter-out main transport/ring,$(PROGRAM_SRC)) program_file \
	client daemon history platform script world xen/unpack) $(NATIVE)/program.o

$(FUZZ)/obj/quickjs_ext.o: $(TRANSLATED) $(ENGINE_HEADERS)
$(FUZZ_ENGINE): $(FUZZ)/obj/%.o: $(ENGINE_SRC)/.done engine/quickjs_ext.c | fuzz-tools
	@echo "clang $@"; mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_ENGINE_CFLAGS) -c $(if $(filter quickjs_ext,$*),engine,$(ENGINE_SRC))/$*.c -o $@
$(FUZZ)/obj/%.o: stubdom/%.c $(ENGINE_SRC)/.done $(HOST_CONTRACT) | fuzz-tools
	@echo "clang $@"; mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -c $< -o $@
$(FUZZ)/obj/%.o: engine/%.c $(ENGINE_SRC)/.done | fuzz-tools
	@echo "clang $@"; mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -c $< -o $@
$(FUZZ)/obj/%.o: test/fuzz/%.c $(ENGINE_SRC)/.done $(HOST_CONTRACT) | fuzz-tools
	@echo "clang $@"; mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -c $< -o $@
$(FUZZ)/obj/%.o: test/native/%.c $(ENGINE_SRC)/.done $(HOST_CONTRACT) | fuzz-tools
	@echo "clang $@"; mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -c $< -o $@
$(FUZZ)/obj/linux/options.o: $(OPTIONS_TABLE)

$(FUZZ)/wire $(FUZZ)/rings $(FUZZ)/state $(FUZZ)/program $(FUZZ)/control: $(FUZZ)/%: $(FUZZ)/obj/fuzz_%.o $(FUZZ_DAEMON)
$(FUZZ)/rings: $(patsubst %,$(FUZZ)/obj/%.o,transport/ring $(RING_SRC) scribbler)
# The coverage hooks of loads and stores let the fuzzer change a ring page between any two accesses.
$(patsubst %,$(FUZZ)/obj/%.o,transport/ring $(RING_SRC)): private FUZZ_CFLAGS += -fsanitize-coverage=trace-loads,trace-stores
$(FUZZ)/options: $(FUZZ)/obj/fuzz_options.o $(FUZZ)/obj/linux/options.o $(FUZZ)/obj/linux/background.o $(FUZZ_DAEMON)
$(FUZZ)/ninep: $(patsubst %,$(FUZZ)/obj/%.o,fuzz_ninep history platform script xen/unpack log_place trace/packets xen/9pfs/ninep_ring xen/9pfs/ninep_message xen/9pfs/ninep_file xen/9pfs/ninep_file_requests xen/9pfs/ninep_session xen/9pfs/ninep_client)
$(addprefix $(FUZZ)/,$(FUZZ_TARGETS)):
	@echo "link $@"
	@$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -no-pie -Wl,--wrap=packets_after_failure,--wrap=JS_SetMaxStackSize $^ -lm -lpthread -o $@
-include $(shell find $(FUZZ) -name "*.d" 2>/dev/null)

# make fuzz [TARGET=wire] [MINUTES=5]. `make test` fuzzes for two minutes in all, `make soak` for MINUTES.
TARGET ?= $(FUZZ_TARGETS)
FUZZ_MINUTES := $(or $(MINUTES),2)

.PHONY: fuzz fuzz-tools
fuzz-tools:
	@sh build/tools.sh fuzz
fuzz: $(addprefix $(FUZZ)/,$(TARGET)) ## Fuzz under sanitizers (TARGET=wire|rings|state|program|options|ninep|control MINUTES=)
	@echo "== $@"
	@sh test/fuzz/run.sh $$(($(FUZZ_MINUTES) * 60)) $(TARGET)
