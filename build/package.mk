# Packages of what was built, and what describes them: SBOM, third-party notices, hashes.

.PHONY: deb rpm sbom check-packages check-debian test-debian reproduce

DEBS_DIR := $(OUT)/packages
SBOM := $(OUT)/sbom/xenstore-ts.spdx.json

sbom: $(SBOM) ## Write the SBOM (SPDX) and the licences of everything that is linked in, below build/out/sbom/
$(SBOM): build/sbom.mjs package.json $(FETCHED) $(DATA) $(PROGRAMS)
	@node build/sbom.mjs $(@D)

INSTALLED := $(DATA) $(PROGRAMS) $(SBOM) $(MAN_STAMP)

deb: $(INSTALLED) ## Build the Debian packages, build/out/packages/*.deb (DEBFULLNAME= DEBEMAIL=: the maintainer)
	@node build/deb.mjs $(DEBS_DIR)

rpm: $(INSTALLED) ## Build the RPM packages, build/out/packages/*.rpm
	@sh build/tools.sh rpm
	@node build/rpm.mjs $(DEBS_DIR)

check-packages: deb rpm ## The packages: lintian, and the files that they bring
	@sh build/tools.sh package
	@echo "== $@"
	@node test/packages.mjs $(DEBS_DIR)

# A Debian host on a disk, with its own Xen, systemd and apt: RELEASE=12 or 13.
RELEASE ?= 13
SUITE_12 := bookworm
SUITE_13 := trixie
HOST_SUITE = $(or $(SUITE_$(RELEASE)),$(error RELEASE=$(RELEASE) is not known: it is 12 or 13))
$(OUT)/debian/%/disk.img: build/debian.sh build/packages $(FETCHED) $(wildcard images/debian/*/*/*/* images/debian/*/*/*/*/*)
	@sh build/debian.sh $*

test-debian: deb guest lab $(OUT)/debian/$(HOST_SUITE)/disk.img ## Install the packages on a real Debian host in the emulator, start it anew, remove them (RELEASE=12|13)
	@node test/debian/run.mjs $(HOST_SUITE)

# Too long for `make test`.
check-debian: deb guest lab $(OUT)/debian/$(HOST_SUITE)/disk.img ## The short form of test-debian, five minutes (RELEASE=12|13)
	@node test/debian/run.mjs $(HOST_SUITE) --short

# Everything twice: in two directories, at two times, under two umasks.
reproduce: $(FETCHED) ## Build everything twice, in two directories and at two times, and compare
	@sh build/reproduce.sh
