# The programs for Dom0 that are built: the others in tools/ are scripts.

# Position independent, other than the daemon, whose objects therefore are others.
RELAY_OBJ := $(addprefix $(NATIVE)/relay/,main.o client.o linux/background.o linux/listen.o linux/notify.o)

$(NATIVE)/relay/%.o: tools/relay/%.c package.json $(FETCHED)
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(COMMON_CFLAGS) -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -fPIE -pthread -c $< -o $@
$(NATIVE)/relay/linux/%.o: stubdom/linux/%.c $(HOST_CONTRACT)
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(HOST_CFLAGS) -fPIE -c $< -o $@
$(OUT)/xenstore-relay: $(RELAY_OBJ)
	$(CC) -pie -Wl,-z,relro,-z,now -pthread -Wl,--build-id=none $^ -o $@

.PHONY: relay
relay: $(OUT)/xenstore-relay ## Build the program that serves Dom0's socket while the store is a domain, build/out/xenstore-relay
	@:

# The page of the store and the program that serves it. Python runs the file, which is an archive.
WEB_SOURCES := build/web.mjs package.json $(wildcard tools/web/*.py tools/web/page/*) tools/xenstore-state tools/xenstore-trace
$(OUT)/xenstore-web: $(NODE_STAMP) $(WEB_SOURCES)
	@command -v python3 >/dev/null || { echo "web: python3 is missing: make tools" >&2; exit 1; }
	@mkdir -p $(@D)
	$(NODE) build/web.mjs

.PHONY: web
web: $(OUT)/xenstore-web ## Build the page of the store, with the program that serves it, build/out/xenstore-web
	@:
