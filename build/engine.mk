# The JavaScript engine: QuickJS with the changes of engine/changes, the compiler of the program, and the translation of
# some of its functions to C (engine/README.md).

ENGINE_SRC := $(OUT)/engine
# quickjs_ext.c includes quickjs.c; the others are files of QuickJS.
ENGINE_OBJ := quickjs_ext libregexp libunicode cutils dtoa
QUICKJS_DEFINES := -DCONFIG_VERSION='"2025-04-26"' -D_GNU_SOURCE
# Requests use little of the files other than quickjs_ext.c, so these are compiled for size.
ENGINE_SMALL := -Os
# Objects without translations have another directory (build/paths.mk).
ENGINE_DEFINES := $(QUICKJS_DEFINES) -DENGINE_NO_REGEXP_COMPILER $(if $(filter off,$(ACCELERATOR)),-DENGINE_UNTRANSLATED)

$(ENGINE_SRC)/.done: $(FETCHED) $(wildcard engine/changes/*.mjs)
	@echo "changing the engine's source"
	@$(NODE) engine/changes/apply.mjs $(QUICKJS_SRC) $(ENGINE_SRC)
	@touch $@
# The compiler's dependency files name these, so they need a rule while apply.mjs has removed them.
$(ENGINE_SRC)/%.c $(ENGINE_SRC)/%.h: $(ENGINE_SRC)/.done ;

# --- the program: bundle -> bytecode, and its listing ---

# The engine of the build tool has no translations and little optimization, because it runs only once.
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

# --- translations of the program's functions ---

TRANSLATED := $(OUT)/translated/translated.h
$(OUT)/translated/.done: $(OUT)/xenstored.prog $(wildcard engine/translate/*.mjs) build/translated-functions.txt
	@mkdir -p $(@D)
	$(NODE) engine/translate/main.mjs $(OUT)/xenstored.listing $(OUT)/xenstored.lines build/translated-functions.txt $(TRANSLATED)
	@touch $@
# main.mjs does not touch an unchanged file, so it is not compiled again.
$(TRANSLATED): $(OUT)/translated/.done ;

# The dependency files (-MMD) leave out headers that a system header includes, and -isystem makes the engine one.
ENGINE_HEADERS := $(wildcard engine/*.h engine/translate/runtime/*.h)
$(COMPILE)/listing.o: $(ENGINE_HEADERS)
$(NATIVE)/quickjs_ext.o $(STUB)/engine/quickjs_ext.o $(TESTS)/quickjs_ext.o: $(ENGINE_HEADERS) \
	$(if $(filter on,$(ACCELERATOR)),$(TRANSLATED))

# --- tests of translations: another program, all of whose functions are translated ---

TRANSLATE_TEST := $(OUT)/translate-test
# The seed of the random functions. Another seed gives another program, which takes a minute to compile.
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
# These programs have no table of positions.
$(TRANSLATE_TEST)/%.prog: $(TRANSLATE_TEST)/%.js $(COMPILE)/compile
	@: >$(@D)/none.lines
	$(COMPILE)/compile $< $(@D)/none.lines $@ test $(@:.prog=.listing) $(if $(filter test_%,$(*)),debug)
$(TRANSLATE_TEST)/translated/translated.h: $(TRANSLATE_TEST)/program.prog $(LANGUAGE_TESTS) $(wildcard engine/translate/*.mjs)
	@mkdir -p $(@D)
	@cat $(patsubst %.prog,%.listing,$(filter %.prog,$^)) >$(@D)/all.listing
	@printf '%s\n' 'speed:' '? s_*' '? r*' 'size:' '*' >$(@D)/functions.txt
	$(NODE) engine/translate/main.mjs $(@D)/all.listing $(TRANSLATE_TEST)/none.lines $(@D)/functions.txt $@
# The address sanitizer uses calls: inlined checks would take the compiler a minute longer than the tests take.
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
