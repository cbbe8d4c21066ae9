# Every target that is meant to be called has one line in `make help`. The recipes themselves are in build/*.mk.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

include build/paths.mk
include build/fetch.mk build/newlib.mk build/quickjs.mk
-include build/lab.mk build/node.mk build/native.mk

.PHONY: help
help: ## Show this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort | awk -F '\t' '{ printf "  make %-16s %s\n", $$1, $$2 }'
