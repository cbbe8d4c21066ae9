# The programs for Dom0 that are compiled: the others in tools/ are scripts.

RELAY_OBJ := $(addprefix $(NATIVE)/relay/,main.o client.o) $(addprefix $(NATIVE)/linux/,background.o listen.o notify.o)

$(NATIVE)/relay/%.o: tools/relay/%.c package.json $(FETCHED)
	@mkdir -p $(@D)
	@echo "cc $@"
	@$(CC) $(COMMON_CFLAGS) -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -fno-pie -pthread -c $< -o $@
$(OUT)/xenstore-relay: $(RELAY_OBJ)
	$(CC) -no-pie -pthread -Wl,--build-id=none $^ -o $@

.PHONY: relay
relay: $(OUT)/xenstore-relay ## Build the program that serves Dom0's socket while the store is a domain, build/out/xenstore-relay
