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

# ACCELERATOR=off: everything without translated functions (engine/README.md), below a directory of its own.
ACCELERATOR ?= on
ifeq ($(filter on off,$(ACCELERATOR)),)
$(error ACCELERATOR= is on or off, not $(ACCELERATOR))
endif
PRODUCT := $(OUT)$(if $(filter off,$(ACCELERATOR)),/untranslated)
NATIVE  := $(PRODUCT)/native
STUB    := $(PRODUCT)/stub
TESTS   := $(OUT)/native-test
