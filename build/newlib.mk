# newlib for the image: the host's gcc, without a red zone, because interrupts are taken on the running stack.

.PHONY: newlib

NEWLIB_WORK   := $(OUT)/newlib-build
NEWLIB_CFLAGS := -O2 -ffreestanding -mno-red-zone -fno-pic -fno-stack-protector -fcf-protection=none -w

newlib: $(NEWLIB_DONE) ## Build the C library of the image (newlib)

# Not by its usual name: a recipe that calls that one is carried out by `make -n`, too.
NEWLIB_MAKE := MAKEFLAGS= make
# The work tree is kept only while it is being built: what stays is the headers and two archives.
$(NEWLIB_DONE): $(FETCHED) build/newlib.mk
	@echo "newlib: configuring and building (about a minute)"
	@rm -rf $(NEWLIB_WORK) $(NEWLIB) && mkdir -p $(NEWLIB_WORK)/build
	@tar -C $(NEWLIB_WORK) -xf $(DEBIAN)/usr/src/newlib/newlib-*.tar.xz
	@cd $(NEWLIB_WORK)/build && ../newlib-*/configure --target=x86_64-elf --prefix=$(abspath $(NEWLIB_WORK))/inst \
		--disable-multilib --disable-libgloss --disable-newlib-supplied-syscalls --disable-newlib-multithread \
		--disable-newlib-wide-orient --enable-newlib-io-long-long --disable-newlib-fvwrite-in-streamio \
		MAKEINFO=true CC_FOR_TARGET=gcc AR_FOR_TARGET=ar AS_FOR_TARGET=as LD_FOR_TARGET=ld NM_FOR_TARGET=nm \
		RANLIB_FOR_TARGET=ranlib STRIP_FOR_TARGET=strip OBJDUMP_FOR_TARGET=objdump READELF_FOR_TARGET=readelf \
		CFLAGS_FOR_TARGET="$(NEWLIB_CFLAGS)" >../newlib.log 2>&1 \
		&& $(NEWLIB_MAKE) -j$$(nproc) all-target-newlib >>../newlib.log 2>&1 \
		&& $(NEWLIB_MAKE) install-target-newlib >>../newlib.log 2>&1 \
		|| { tail -n 20 ../newlib.log; echo "newlib: failed, all of it in $(NEWLIB_WORK)/newlib.log" >&2; exit 1; }
	@mkdir -p $(NEWLIB_LIB) && cp -r $(NEWLIB_WORK)/inst/x86_64-elf/include $(NEWLIB_INC)
	@cp $(NEWLIB_WORK)/inst/x86_64-elf/lib/libc.a $(NEWLIB_WORK)/inst/x86_64-elf/lib/libm.a $(NEWLIB_LIB)/
	@rm -rf $(NEWLIB_WORK) && touch $@
