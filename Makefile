# Every target that is meant to be called has one line in `make help`. The recipes themselves are in build/*.mk.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
# The parts are built side by side. The suites are not: the loop below keeps their output apart.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

include build/paths.mk
include build/fetch.mk build/newlib.mk build/quickjs.mk
-include build/node.mk build/native.mk
include build/lab.mk build/bench.mk build/format.mk build/fuzz.mk

.PHONY: help check test format clean distclean

help: ## Show this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort | awk -F '\t' '{ printf "  make %-18s %s\n", $$1, $$2 }'

# A suite that writes no result of its own gets one from its exit status.
suite = @+$(MAKE) --no-print-directory $(1) && passed=1 || passed=0; mkdir -p $(RESULTS); \
	echo "{\"suite\":\"$(2)\",\"passed\":$$passed,\"failed\":$$((1 - passed)),\"skipped\":0}" >$(RESULTS)/$(2).json

QUICK := check-unit check-engine check-model check-native check-rings check-socket check-pyxs check-recipes

.PHONY: suite-types suite-lint suite-quick suite-fuzz suite-guest prepare
suite-types:
	$(call suite,check-types,types)
suite-lint:
	$(call suite,check-lint check-format-c,lint)
suite-quick:
	@for target in $(QUICK); do echo "== $$target"; $(MAKE) --no-print-directory $$target || true; done
suite-fuzz:
	@echo "== fuzz"; $(MAKE) --no-print-directory fuzz || true
suite-guest:
	@$(MAKE) --no-print-directory check-guest || true

# Every suite runs, whatever became of the one before; the sum decides.
check: ## Types, lint, format, unit, engine and native tests: the quick ones
	@rm -rf $(RESULTS)
	@for suite in types lint quick; do $(MAKE) --no-print-directory suite-$$suite; done
	@node build/sum.mjs quick

# What the suites run: two suites at once must not both build it.
prepare: $(OUT)/xenstored.js $(NATIVE_TESTS) $(FUZZERS) lab image guest daemon

# The quick suites leave a processor idle, which the fuzzers use meanwhile; their output comes after.
test: ## Everything: the quick ones, two minutes of fuzzing and the nested Xen scenarios
	@rm -rf $(RESULTS) && mkdir -p $(RESULTS)
	@$(MAKE) --no-print-directory --keep-going prepare || true
	@$(MAKE) --no-print-directory suite-fuzz >$(RESULTS)/fuzz.log 2>&1 & \
	for suite in types lint quick; do $(MAKE) --no-print-directory suite-$$suite; done; wait; cat $(RESULTS)/fuzz.log
	@$(MAKE) --no-print-directory suite-guest
	@node build/sum.mjs

format: format-ts format-c ## Format everything in place

clean: ## Remove what was built, keep what was downloaded
	@cd $(OUT) 2>/dev/null && find . -mindepth 1 -maxdepth 1 ! -name apt ! -name debs ! -name trixie ! -name quickjs ! -name .fetched ! -name versions.txt -exec rm -rf {} + || true

distclean: ## Remove everything that is not in the repository
	@rm -rf $(OUT) node_modules
