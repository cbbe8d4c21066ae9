# The paths of fetched and built files. The other parts of the build use these variables only.
OUT         := build/out
DEBIAN      := $(OUT)/trixie
XEN_INC     := $(DEBIAN)/usr/include
XEN_TOOLS   := $(DEBIAN)/usr/lib/xen-4.20/bin
QUICKJS_SRC := $(OUT)/quickjs
NEWLIB      := $(OUT)/newlib
NEWLIB_INC  := $(NEWLIB)/include
NEWLIB_LIB  := $(NEWLIB)/lib
RESULTS     := $(OUT)/results

# Prerequisites of rules that need fetched packages, or newlib.
FETCHED     := $(OUT)/.fetched
NEWLIB_DONE := $(OUT)/.newlib

# ACCELERATOR=off builds without translated functions (engine/README.md), in another directory.
ACCELERATOR ?= on
ifeq ($(filter on off,$(ACCELERATOR)),)
$(error ACCELERATOR= is on or off, not $(ACCELERATOR))
endif
PRODUCT := $(OUT)$(if $(filter off,$(ACCELERATOR)),/untranslated)
NATIVE  := $(PRODUCT)/native
STUB    := $(PRODUCT)/stub
TESTS   := $(OUT)/native-test
