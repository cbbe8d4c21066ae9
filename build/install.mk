# Puts what was built where a host has it. It builds nothing and fetches nothing.

PREFIX ?= /usr
BUILT ?= build/out
# A directory that no release of Xen owns. The daemon finds its module beside itself.
LIBRARY := $(PREFIX)/lib/xenstore-ts
SHARED := $(PREFIX)/share/xenstore-ts
DOCUMENTS := $(PREFIX)/share/doc/xenstore-ts
UNITS := $(PREFIX)/lib/systemd/system
COMPLETIONS := $(PREFIX)/share/bash-completion/completions
DATA := $(addprefix $(BUILT)/,xenstore-ts-stubdom.gz xenstore-ts-stubdom-pvh.gz xenstored.prog xenstored-domains.so)
PROGRAMS := $(addprefix $(BUILT)/,xenstored xenstore-relay xenstore-web)
DESCRIBED := $(addprefix $(BUILT)/sbom/,xenstore-ts.spdx.json NOTICES)
MANUAL := $(PREFIX)/share/man
MANUAL_PAGES := $(addprefix $(BUILT)/man/,$(notdir $(wildcard docs/man/*.[1578])))
DOM0_SCRIPTS := $(addprefix tools/xenstore-,exporter state top trace)
# With the folders that they have here, so that their links lead somewhere.
TEXTS := README.md ARCHITECTURE.md CHANGELOG.md CONTRIBUTING.md SECURITY.md engine/README.md test/README.md \
	$(wildcard docs/*.md docs/admin/*.md docs/internals/*.md)
PICTURES := $(wildcard docs/*.svg docs/*.png)
# Scripts, settings, units, pages and documents name files below /usr. Scripts have the version as @VERSION@.
AT_PREFIX := sed 's|/usr/lib/xenstore-ts|$(LIBRARY)|g; s|/usr/share/xenstore-ts|$(SHARED)|g; s|/usr/share/doc/xenstore-ts|$(DOCUMENTS)|g; s|/usr/lib/systemd/system|$(UNITS)|g; s|/usr/sbin/xenstore|$(PREFIX)/sbin/xenstore|g; s|/usr/bin/xenstore|$(PREFIX)/bin/xenstore|g; s|@VERSION@|$(VERSION)|g'
# What a debugger needs stays in what was built.
STRIP ?= strip
STRIP_FLAGS := --strip-unneeded -R .comment
# Nobody else's: they go with what is in them.
OWN_DIRECTORIES := $(LIBRARY) $(SHARED) $(DOCUMENTS) $(UNITS)/xen.service.d $(UNITS)/xendomains.service.d
# to(MODE,FROM,TO): FROM with the host's paths
to = @$(AT_PREFIX) $(2) >"$(DESTDIR)$(3)" && chmod $(1) "$(DESTDIR)$(3)"

.PHONY: install uninstall
install: ## Install what was built (DESTDIR= PREFIX=): images, daemon, relay, tools, units, settings, manual pages, documents
	@printf '%s\n' '$(subst ','\'',$(PREFIX))' | grep -qxE '(/[A-Za-z0-9/._+-]*)?' || \
		{ echo "install: PREFIX is a path from / on of A-Z a-z 0-9 / . _ + -, for scripts have it" >&2; exit 1; }
	@for file in $(DATA) $(PROGRAMS) $(DESCRIBED) $(MANUAL_PAGES); do \
		[ -e "$$file" ] || { echo "install: $$file is not there: make image daemon relay web sbom man" >&2; exit 1; }; done
	@install -d "$(DESTDIR)$(LIBRARY)" "$(DESTDIR)$(PREFIX)/sbin" "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)/etc" \
		"$(DESTDIR)$(SHARED)/profiles" $(patsubst %,"$(DESTDIR)$(DOCUMENTS)/%",. docs/admin docs/internals engine test) "$(DESTDIR)$(UNITS)/xen.service.d" \
		"$(DESTDIR)$(UNITS)/xendomains.service.d" "$(DESTDIR)$(LIBRARY)/xendomains" "$(DESTDIR)$(COMPLETIONS)"
	@install -m 644 $(DATA) "$(DESTDIR)$(LIBRARY)"
	@install -m 755 $(BUILT)/xenstored "$(DESTDIR)$(LIBRARY)"
	@$(STRIP) $(STRIP_FLAGS) "$(DESTDIR)$(LIBRARY)/xenstored" "$(DESTDIR)$(LIBRARY)/xenstored-domains.so"
	$(call to,755,packaging/start,$(LIBRARY)/start)
	$(call to,644,packaging/systemd/xen-service.env,$(LIBRARY)/xen-service.env)
	$(call to,644,packaging/systemd/xen.service.conf,$(UNITS)/xen.service.d/xenstore-ts.conf)
	$(call to,644,packaging/systemd/xendomains.service.conf,$(UNITS)/xendomains.service.d/xenstore-ts.conf)
	$(call to,644,packaging/systemd/xenstore-relay.service,$(UNITS)/xenstore-relay.service)
	@install -m 755 packaging/xendomains/xen "$(DESTDIR)$(LIBRARY)/xendomains"
	@ln -sf ../lib/xenstore-ts/xenstored "$(DESTDIR)$(PREFIX)/sbin/xenstored-ts"
	@install -m 755 $(BUILT)/xenstore-relay "$(DESTDIR)$(PREFIX)/sbin"
	@$(STRIP) $(STRIP_FLAGS) "$(DESTDIR)$(PREFIX)/sbin/xenstore-relay"
	$(call to,755,tools/xenstore-ts,$(PREFIX)/sbin/xenstore-ts)
	@for file in $(DOM0_SCRIPTS); do to="$(DESTDIR)$(PREFIX)/bin/$${file##*/}"; \
		$(AT_PREFIX) "$$file" >"$$to" && chmod 755 "$$to" || exit 1; done
	@install -m 755 $(BUILT)/xenstore-web "$(DESTDIR)$(PREFIX)/bin"
	@install -m 644 packaging/completion/xenstore-ts "$(DESTDIR)$(COMPLETIONS)"
	@install -m 644 tools/grafana.json tools/xenstore.rules.yml "$(DESTDIR)$(SHARED)"
	@for file in packaging/profiles/*; do to="$(DESTDIR)$(SHARED)/profiles/$${file##*/}"; \
		$(AT_PREFIX) "$$file" >"$$to" && chmod 644 "$$to" || exit 1; done
	$(call to,644,packaging/systemd/xenstore-exporter.service,$(UNITS)/xenstore-exporter.service)
	$(call to,644,packaging/systemd/xenstore-exporter.timer,$(UNITS)/xenstore-exporter.timer)
	$(call to,644,packaging/systemd/xenstore-exporter-http.service,$(UNITS)/xenstore-exporter-http.service)
	@# Settings of before stay.
	@[ -e "$(DESTDIR)/etc/xenstore-ts.conf" ] || \
		{ $(AT_PREFIX) packaging/xenstore-ts.conf >"$(DESTDIR)/etc/xenstore-ts.conf" && chmod 644 "$(DESTDIR)/etc/xenstore-ts.conf"; }
	@# Without name and time, so that the same pages make the same bytes.
	@for page in $(MANUAL_PAGES); do to="$(DESTDIR)$(MANUAL)/man$${page##*.}"; install -d "$$to"; \
		$(AT_PREFIX) "$$page" | gzip -9n >"$$to/$${page##*/}.gz" && chmod 644 "$$to/$${page##*/}.gz" || exit 1; done
	@for file in $(TEXTS); do to="$(DESTDIR)$(DOCUMENTS)/$$file"; $(AT_PREFIX) "$$file" >"$$to" && chmod 644 "$$to" || exit 1; done
	@install -m 644 $(PICTURES) "$(DESTDIR)$(DOCUMENTS)/docs"
	@install -m 644 LICENSE $(DESCRIBED) "$(DESTDIR)$(DOCUMENTS)"
	@echo "installed below $(DESTDIR)$(PREFIX), settings in $(DESTDIR)/etc/xenstore-ts.conf"

# What install puts in place is known by doing it once more, elsewhere.
uninstall: ## Remove what install put in place, but not the settings (DESTDIR= PREFIX=)
	@rm -rf $(OUT)/uninstall
	@$(MAKE) --no-print-directory install DESTDIR=$(OUT)/uninstall >/dev/null
	@to="$(DESTDIR)"; cd $(OUT)/uninstall && case $$to in '' | /*) ;; *) to="$(CURDIR)/$$to" ;; esac && \
		find . ! -type d ! -path ./etc/xenstore-ts.conf | while read -r file; do rm -f "$$to/$$file"; done && \
		find $(addprefix .,$(OWN_DIRECTORIES)) -depth -type d | while read -r directory; do \
			rmdir "$$to/$$directory" 2>/dev/null || true; done
	@rm -r $(OUT)/uninstall
	@echo "removed from below $(DESTDIR)$(PREFIX); $(DESTDIR)/etc/xenstore-ts.conf stays"
