# Puts what was built where a host has it. It builds nothing and fetches nothing.

PREFIX ?= /usr
BUILT ?= build/out
# A directory that no release of Xen owns. The daemon finds its module beside itself.
LIBRARY := $(PREFIX)/lib/xenstore-ts
DOCUMENTS := $(PREFIX)/share/doc/xenstore-ts
DATA := $(addprefix $(BUILT)/,xenstore-ts-stubdom.gz xenstore-ts-stubdom-pvh.gz xenstored.prog xenstored-domains.so)
PROGRAMS := $(addprefix $(BUILT)/,xenstored xenstore-relay)
DOM0_SCRIPTS := $(addprefix tools/xenstore-,exporter state top trace)
# Scripts and settings name files below /usr.
AT_PREFIX := sed 's|/usr/lib/xenstore-ts|$(LIBRARY)|; s|/usr/sbin|$(PREFIX)/sbin|'

.PHONY: install
install: ## Install what was built (DESTDIR= PREFIX=): images, daemon, relay, tools, settings, documents
	@for file in $(DATA) $(PROGRAMS); do \
		[ -e "$$file" ] || { echo "install: $$file is not there: make image daemon relay" >&2; exit 1; }; done
	@install -d "$(DESTDIR)$(LIBRARY)" "$(DESTDIR)$(PREFIX)/sbin" "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)/etc/default" \
		"$(DESTDIR)$(DOCUMENTS)/admin"
	@install -m 644 $(DATA) "$(DESTDIR)$(LIBRARY)"
	@install -m 755 $(BUILT)/xenstored "$(DESTDIR)$(LIBRARY)"
	@$(AT_PREFIX) packaging/debian/start >"$(DESTDIR)$(LIBRARY)/start" && chmod 755 "$(DESTDIR)$(LIBRARY)/start"
	@ln -sf ../lib/xenstore-ts/xenstored "$(DESTDIR)$(PREFIX)/sbin/xenstored-ts"
	@install -m 755 $(BUILT)/xenstore-relay "$(DESTDIR)$(PREFIX)/sbin"
	@install -m 755 $(DOM0_SCRIPTS) "$(DESTDIR)$(PREFIX)/bin"
	@# Settings of before stay.
	@[ -e "$(DESTDIR)/etc/default/xenstore-ts" ] || \
		{ $(AT_PREFIX) packaging/debian/xenstore-ts.default >"$(DESTDIR)/etc/default/xenstore-ts" && \
		chmod 644 "$(DESTDIR)/etc/default/xenstore-ts"; }
	@install -m 644 LICENSE README.md CHANGELOG.md SECURITY.md docs/*.md docs/bench.svg "$(DESTDIR)$(DOCUMENTS)"
	@install -m 644 docs/admin/*.md "$(DESTDIR)$(DOCUMENTS)/admin"
	@echo "installed below $(DESTDIR)$(PREFIX), settings in $(DESTDIR)/etc/default/xenstore-ts"
