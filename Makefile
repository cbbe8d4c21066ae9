# Every target for users has a line in `make help`. The recipes are in build/*.mk.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
# Runs as many jobs as there are processors.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

include build/paths.mk
include build/fetch.mk build/newlib.mk
-include build/node.mk build/engine.mk build/native.mk build/tools.mk
include build/install.mk build/man.mk build/package.mk build/lab.mk build/bench.mk build/format.mk build/fuzz.mk

.PHONY: help check test format clean distclean

help: ## Show this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort | awk -F '\t' '{ printf "  make %-18s %s\n", $$1, $$2 }'

# Makes the result of a suite that writes none, from its exit status.
suite = @+$(MAKE) --no-print-directory $(1) && passed=1 || passed=0; mkdir -p $(RESULTS); \
	echo "{\"suite\":\"$(2)\",\"passed\":$$passed,\"failed\":$$((1 - passed)),\"skipped\":0}" >$(RESULTS)/$(2).json

# The longest suites come first, so that none runs alone at the end.
QUICK := check-native check-socket check-relay check-model check-rings check-engine check-unit suite-types suite-lint check-monitor check-man check-pyxs check-recipes

.PHONY: suite-types suite-lint
suite-types: $(NODE_STAMP)
	$(call suite,check-types,types)
suite-lint: $(NODE_STAMP)
	$(call suite,check-lint check-format-c,lint)

# Every suite runs even if others fail, and its output stays together. build/sum.mjs gives the final status.
side_by_side = @+$(MAKE) --no-print-directory --keep-going --output-sync=target $(1) || true

check: export LONG := off
check: ## Types, lint, format, unit, engine, socket and native tests: the quick ones
	@rm -rf $(RESULTS)
	$(call side_by_side,$(QUICK))
	@node build/sum.mjs quick

# The nested scenarios run after the suites, because each of them uses one or two emulated processors.
test: ## Everything: the quick ones, two minutes of fuzzing and the nested Xen scenarios
	@rm -rf $(RESULTS)
	$(call side_by_side,fuzz $(QUICK) check-translate check-untranslated check-sanitized check-packages check-web lab image guest)
	@+$(MAKE) --no-print-directory check-guest || true
	@node build/sum.mjs

format: format-ts format-c ## Format everything in place

clean: ## Remove what was built, keep what was downloaded
	@cd $(OUT) 2>/dev/null && find . -mindepth 1 -maxdepth 1 ! -name apt ! -name debs ! -name trixie ! -name quickjs ! -name .fetched ! -name versions.txt -exec rm -rf {} + || true

distclean: ## Remove everything that is not in the repository
	@rm -rf $(OUT) node_modules
