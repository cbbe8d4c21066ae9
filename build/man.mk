# Manual pages, from docs/man/. Node is enough for the pages; mandoc makes HTML of them and finds their mistakes.

MAN_NAMES := $(notdir $(wildcard docs/man/*.[1578]))
MAN_STAMP := $(OUT)/man/.pages

$(MAN_STAMP): $(NODE_STAMP) build/man.mjs build/options.mjs docs/control.md package.json $(wildcard docs/man/*) $(wildcard src/options/*.ts)
	@rm -rf $(@D)
	$(NODE) build/man.mjs pages $(@D)
	@touch $@

.PHONY: man check-man
man: $(MAN_STAMP) ## Make the manual pages, build/out/man/*, and build/out/man/html/*.html of them
	@sh build/tools.sh man
	$(NODE) build/man.mjs html $(OUT)/man

check-man: man $(OUT)/xenstored $(OUT)/xenstore-relay $(OUT)/xenstore-web ## Manual pages: mandoc's lint, and the options that the programs have
	@echo "== $@"
	$(NODE) test/man.mjs
