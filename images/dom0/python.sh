#!/bin/sh
# Makes build/out/dom0/python.cpio, for the test groups that run the scripts of tools/ in Dom0: Python 3 and its library.
# Those boots append it to Dom0's archive; other boots are smaller without it.
set -eu

debian=$PWD/build/out/trixie
out=$PWD/build/out/dom0
root=$out/python
lib=usr/lib/python3.13
arch=usr/lib/x86_64-linux-gnu
umask 022

rm -rf "$root"
mkdir -p "$root/usr/bin" "$root/$lib" "$root/$arch"
cp "$debian/usr/bin/python3.13" "$root/usr/bin/python3"
(cd "$debian" && find $lib \( -name test -o -name idlelib -o -name ensurepip -o -name pydoc_data -o -name turtledemo \
	-o -name tkinter -o -name __pycache__ \) -prune -o -type f \( -name '*.py' -o -name '*.so' \) -print |
	cpio --quiet -pdm "$root")
# Only the libraries of the interpreter itself. Modules that need others cannot be loaded, and are not used.
for needed in $(objdump -p "$root/usr/bin/python3" | sed -n 's/^ *NEEDED *//p'); do
	cp -L "$debian/$arch/$needed" "$root/$arch/"
done
(cd "$root" && find . | sort | cpio --quiet -o -H newc -R 0:0) >"$out/python.cpio"
rm -rf "$root"
echo "dom0: $(du -h "$out/python.cpio" | cut -f1) of Python"
