# Formats C by clang-format, with .clang-format. Biome formats TypeScript (build/node.mk).

.PHONY: check-format-c format-c

C_SOURCES = $(shell find engine mini-os stubdom images test -name '*.c' -o -name '*.h')

check-format-c: tools ## Format of C
	@clang-format --dry-run -Werror $(C_SOURCES)

format-c: tools ## Format C in place
	@clang-format -i $(C_SOURCES)
