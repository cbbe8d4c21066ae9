# Packages: build/packages lists them, build/fetch.mjs fetches them, build/tools.sh installs programs for this machine.

.PHONY: fetch tools check-recipes

fetch: $(FETCHED) ## Download and unpack Debian's parts below build/out/ (nothing is installed)

tools: ## Install the programs that must run on this machine, if any is missing (needs root)
	@sh build/tools.sh

$(FETCHED): build/packages build/fetch.mjs
	@sh build/tools.sh
	@# Two commands that begin on a new checkout at the same moment must not unpack what the other is still downloading.
	@mkdir -p $(OUT) && flock $(OUT)/.fetch-lock node build/fetch.mjs

check-recipes: $(FETCHED) ## What the recipes say where they cannot go on, what install puts in place, engine changes
	@echo "== $@"
	@node test/recipes.mjs
