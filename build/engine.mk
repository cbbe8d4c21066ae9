# The JavaScript engine: QuickJS's source with the changes of engine/changes, the compiler of the program, and the C that
# engine/translate makes of some of its functions. engine/README.md says why.

ENGINE_SRC := $(OUT)/engine
# quickjs_ext.c has quickjs.c in it; the others are QuickJS's own files.
ENGINE_OBJ := quickjs_ext libregexp libunicode cutils dtoa
QUICKJS_DEFINES := -DCONFIG_VERSION='"2025-04-26"' -D_GNU_SOURCE
# A request passes little of these.
ENGINE_SMALL := -Os
# One directory for what is compiled with translations, another for what is not (build/paths.mk).
ENGINE_DEFINES := $(QUICKJS_DEFINES) $(if $(filter off,$(ACCELERATOR)),-DENGINE_UNTRANSLATED)

$(ENGINE_SRC)/.done: $(FETCHED) $(wildcard engine/changes/*.mjs)
	@echo "changing the engine's source"
	@$(NODE) engine/changes/apply.mjs $(QUICKJS_SRC) $(ENGINE_SRC)
	@touch $@
# The compiler's dependency files name these: while they are being made anew, they are not there.
$(ENGINE_SRC)/%.c $(ENGINE_SRC)/%.h: $(ENGINE_SRC)/.done ;

# --- the program: bundle -> bytecode, and its listing ---

# The build tool's engine: it reads the program once, so it is compiled in a hurry, and has no translations.
COMPILE := $(OUT)/compile
COMPILE_CFLAGS = $(filter-out $(WARNINGS) -O2 -g,$(NATIVE_CFLAGS)) -O1 -w $(QUICKJS_DEFINES)
$(COMPILE)/%.o: engine/compile/%.c $(ENGINE_SRC)/.done
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(COMPILE_CFLAGS) -c $< -o $@
$(COMPILE)/%.o: engine/%.c $(ENGINE_SRC)/.done
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(COMPILE_CFLAGS) -c $< -o $@
$(COMPILE)/%.o: $(ENGINE_SRC)/.done
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(COMPILE_CFLAGS) -c $(ENGINE_SRC)/$*.c -o $@
$(COMPILE)/compile: $(patsubst %,$(COMPILE)/%.o,compile listing program_file $(filter-out quickjs_ext,$(ENGINE_OBJ)))
	$(CC) -no-pie $^ -lm -o $@
VERSION := $(shell sed -n 's/^  "version": "\(.*\)",$$/\1/p' package.json)
$(OUT)/xenstored.prog: $(COMPILE)/compile $(OUT)/xenstored.js package.json
	$(COMPILE)/compile $(OUT)/xenstored.js $(OUT)/xenstored.lines $@ $(VERSION) $(OUT)/xenstored.listing

# --- the program's functions that are in C as well ---

TRANSLATED := $(OUT)/translated/translated.h
$(OUT)/translated/.done: $(OUT)/xenstored.prog $(wildcard engine/translate/*.mjs) build/translated-functions.txt
	@mkdir -p $(@D)
	$(NODE) engine/translate/main.mjs $(OUT)/xenstored.listing $(OUT)/xenstored.lines build/translated-functions.txt $(TRANSLATED)
	@touch $@
# What comes out the same is not compiled again.
$(TRANSLATED): $(OUT)/translated/.done ;

# The compiler's list of headers leaves out what a system header includes, as which it takes the engine.
ENGINE_HEADERS := $(wildcard engine/*.h engine/translate/runtime/*.h)
$(COMPILE)/listing.o: $(ENGINE_HEADERS)
$(NATIVE)/quickjs_ext.o $(STUB)/engine/quickjs_ext.o $(TESTS)/quickjs_ext.o: $(ENGINE_HEADERS) \
	$(if $(filter on,$(ACCELERATOR)),$(TRANSLATED))

# --- tests of translations: another program, all of whose functions are translated ---

TRANSLATE_TEST := $(OUT)/translate-test
# The random functions follow from it. Another one is another program, which is compiled for a minute.
SEED_OF_FUNCTIONS ?= 1
LANGUAGE_TESTS := $(patsubst %,$(TRANSLATE_TEST)/%.prog,test_language test_closure test_loop test_builtin test_bigint)
TRANSLATE_SEED := $(TRANSLATE_TEST)/seed-$(SEED_OF_FUNCTIONS)
$(TRANSLATE_SEED):
	@mkdir -p $(@D) && rm -f $(@D)/seed-* && touch $@
$(TRANSLATE_TEST)/program.js: $(NODE_STAMP) $(TRANSLATE_SEED) $(wildcard test/translate/*.mjs)
	@mkdir -p $(@D)
	$(NODE) test/translate/programs.mjs $@ $(SEED_OF_FUNCTIONS) 60
$(TRANSLATE_TEST)/test_%.js: $(FETCHED)
	@mkdir -p $(@D)
	@cp $(QUICKJS_SRC)/tests/$(@F) $@
# None of these has a table of positions.
$(TRANSLATE_TEST)/%.prog: $(TRANSLATE_TEST)/%.js $(COMPILE)/compile
	@: >$(@D)/none.lines
	$(COMPILE)/compile $< $(@D)/none.lines $@ test $(@:.prog=.listing) $(if $(filter test_%,$(*)),debug)
$(TRANSLATE_TEST)/translated/translated.h: $(TRANSLATE_TEST)/program.prog $(LANGUAGE_TESTS) $(wildcard engine/translate/*.mjs)
	@mkdir -p $(@D)
	@cat $(patsubst %.prog,%.listing,$(filter %.prog,$^)) >$(@D)/all.listing
	@printf '%s\n' 'speed:' '? s_*' '? r*' 'size:' '*' >$(@D)/functions.txt
	$(NODE) engine/translate/main.mjs $(@D)/all.listing $(TRANSLATE_TEST)/none.lines $(@D)/functions.txt $@
# Checks of memory are calls: inlined, they take the compiler a minute longer than the tests run.
$(TRANSLATE_TEST)/quickjs_ext.o: $(TRANSLATE_TEST)/translated/translated.h $(ENGINE_HEADERS) engine/quickjs_ext.c
	@echo "cc $@"
	@$(CC) -iquote $(TRANSLATE_TEST)/translated $(filter-out $(WARNINGS) -g -fsanitize=% -fno-sanitize-recover=%,$(TEST_CFLAGS)) -g1 \
		-fsanitize=address --param asan-instrumentation-with-call-threshold=0 -w $(QUICKJS_DEFINES) -DENGINE_STRESSED \
		-c engine/quickjs_ext.c -o $@
$(TRANSLATE_TEST)/player.o: test/translate/player.c $(ENGINE_SRC)/.done $(ENGINE_HEADERS)
	@echo "cc $@"
	@$(CC) $(TEST_CFLAGS) -c $< -o $@
$(TRANSLATE_TEST)/player: $(addprefix $(TRANSLATE_TEST)/,player.o quickjs_ext.o) $(patsubst %,$(TESTS)/%.o,program_file $(filter-out quickjs_ext,$(ENGINE_OBJ)))
	@echo "link $@"
	@$(CC) -fsanitize=address,undefined $^ -lm -o $@

.PHONY: check-translate
check-translate: $(TRANSLATE_TEST)/player $(TRANSLATE_TEST)/program.prog $(LANGUAGE_TESTS) ## Translated functions beside the interpreter: each operation, random functions, QuickJS's language tests (SEED_OF_FUNCTIONS=)
	@echo "== $@"
	@sh test/native/run.sh translate "$^"
