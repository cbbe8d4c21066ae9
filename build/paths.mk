# Where the recipes put what they fetch and build. Every other part of the build names these and no path of its own.
OUT         := build/out
DEBIAN      := $(OUT)/trixie
XEN_INC     := $(DEBIAN)/usr/include
XEN_TOOLS   := $(DEBIAN)/usr/lib/xen-4.20/bin
QUICKJS_SRC := $(OUT)/quickjs
NEWLIB      := $(OUT)/newlib
NEWLIB_INC  := $(NEWLIB)/include
NEWLIB_LIB  := $(NEWLIB)/lib
RESULTS     := $(OUT)/results

# What a rule depends on when it needs fetched packages, or newlib.
FETCHED     := $(OUT)/.fetched
NEWLIB_DONE := $(OUT)/.newlib
