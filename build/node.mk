# The recipes that need Node: the daemon's bundle, its tests, types, lint and format.

NODE ?= node
OUT ?= build/out
NODE_STAMP := node_modules/.stamp
DAEMON_SOURCES := $(shell find src -name '*.ts')

# npm ci runs only if the lock file has changed, so a second run needs no network.
$(NODE_STAMP): package-lock.json package.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node 20 or newer with npm" >&2; exit 1; }
	@$(NODE) -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || \
		{ echo "Node 20 or newer is needed; this one is $$($(NODE) --version)" >&2; exit 1; }
	@echo "npm: fetching the packages of package-lock.json (five minutes at most)"
	@timeout 300 npm ci --no-audit --no-fund --loglevel=error || \
		{ echo "npm: the packages did not come: see that npm's registry can be reached (npm ping)" >&2; exit 1; }
	@touch $@

$(OUT)/xenstored.js: $(NODE_STAMP) build/bundle.mjs tsconfig.json $(DAEMON_SOURCES)
	$(NODE) build/bundle.mjs

$(OUT)/xenstored.lines: $(OUT)/xenstored.js

.PHONY: bundle test-one check-types check-lint check-unit check-engine check-model check-rings check-socket check-relay check-faults check-pyxs check-monitor check-web pictures format-ts

bundle: $(OUT)/xenstored.js ## Bundle the daemon, build/out/xenstored.js

check-types: $(NODE_STAMP) ## Types of the daemon, its tests and the page
	$(NODE) node_modules/typescript/bin/tsc -p tsconfig.json
	$(NODE) node_modules/typescript/bin/tsc -p test/tsconfig.json
	$(NODE) node_modules/typescript/bin/tsc -p test/web/tsconfig.json
	$(NODE) node_modules/typescript/bin/tsc -p tools/web/page/tsconfig.json

check-lint: $(NODE_STAMP) ## Lint and format of TypeScript
	$(NODE) node_modules/@biomejs/biome/bin/biome check --error-on-warnings .

# The suites in Node and in QuickJS (WebAssembly), and the model test. SEED and STEPS replay a history.
check-unit: $(NODE_STAMP) ## The daemon's suites in Node
	@echo "== $@"
	$(NODE) test/support/run.mjs unit

check-engine: $(OUT)/xenstored.js ## The same in QuickJS (WebAssembly), the rows on the product's bundle
	@echo "== $@"
	$(NODE) test/support/run.mjs engine

check-model: $(NODE_STAMP) ## Random histories against a naive store (SEED= STEPS=)
	@echo "== $@"
	$(NODE) test/support/run.mjs model

# Searches all states of the models, with the designs that must fail (RINGS=word: variants with the word in their name).
check-rings: $(FETCHED) ## Models of lost wake-ups on rings and event channels, searched with spin
	@echo "== $@"
	$(NODE) test/rings/run.mjs

# make passes the variables of the command line to test/support/one.mjs in the environment.
test-one: $(NODE_STAMP) ## Build and run one test: T=test/protocol/perms.test.ts [N='regex'] (test/README.md)
	@$(NODE) test/support/one.mjs

# Built before, because the test runs two makes side by side, which would both build it.
check-recipes: $(NODE_STAMP) $(TESTS)/bytes_test

# The rows of the protocol over the sockets of the Linux daemon, with simulated domains.
check-socket: $(NODE_STAMP) $(OUT)/xenstored $(OUT)/bench/standin.so $(FETCHED) ## The rows over sockets against the Linux program
	@echo "== $@"
	$(NODE) test/support/run.mjs socket

# The same rows, with clients that come through the program that serves Dom0's socket while the store is a domain.
check-relay: $(NODE_STAMP) $(OUT)/xenstored $(OUT)/xenstore-relay ## The rows through xenstore-relay
	@echo "== $@"
	$(NODE) test/support/run.mjs relay

# Built by another make, because all objects have another directory. Files that both builds share are built before, because
# two makes side by side would write the same files.
.PHONY: check-untranslated
check-untranslated: $(NODE_STAMP) $(OUT)/xenstored ## The rows on the daemon that is built without translated functions
	@$(MAKE) --no-print-directory ACCELERATOR=off daemon
	@echo "== $@"
	$(NODE) test/support/run.mjs untranslated

check-faults: $(NODE_STAMP) $(OUT)/xenstored ## Failures on purpose under load, against the Linux program (FAULTS= SEED=)
	$(NODE) test/support/run.mjs faults

check-pyxs: $(OUT)/xenstored $(FETCHED) ## The tests of pyxs over a socket against the Linux program
	@echo "== $@"
	$(NODE) test/pyxs/run.mjs

# A real browser, which `make check` does not ask for.
check-web: $(NODE_STAMP) $(OUT)/xenstored $(OUT)/xenstore-web $(OUT)/bench/standin.so $(FETCHED) ## The page of the store in Chromium, against the Linux program
	@sh build/tools.sh host web
	@echo "== $@"
	$(NODE) test/support/run.mjs web

pictures: $(NODE_STAMP) $(OUT)/xenstored $(OUT)/xenstore-web ## Make the pictures of the documents, docs/web-*.png, with Chromium
	@sh build/tools.sh host web
	$(NODE) test/support/run.mjs pictures

# What an administrator's monitoring reads: metrics, alert rules, dashboard, units.
check-monitor: $(OUT)/xenstored ## Metrics and alert rules by promtool, the dashboard, the exporter's units
	@sh build/tools.sh monitor
	@echo "== $@"
	$(NODE) test/monitor/run.mjs

format-ts: $(NODE_STAMP) ## Format TypeScript in place
	$(NODE) node_modules/@biomejs/biome/bin/biome check --write .
