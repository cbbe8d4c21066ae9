# C is formatted by clang-format with the settings at the top of the repository, TypeScript by Biome (build/node.mk).

.PHONY: check-format-c format-c

C_SOURCES = $(shell find engine mini-os stubdom images test -name '*.c' -o -name '*.h')

check-format-c: tools ## Format of C
	@clang-format --dry-run -Werror $(C_SOURCES)

format-c: tools ## Format C in place
	@clang-format -i $(C_SOURCES)
