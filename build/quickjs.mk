# QuickJS arrives as a source package and is compiled by build/native.mk, for the image and for Linux alike.

.PHONY: quickjs

quickjs: $(FETCHED) ## Unpack the JavaScript engine's source below build/out/quickjs/
