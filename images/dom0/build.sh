#!/bin/sh
# Makes the files that a boot of the lab needs, from the unpacked packages:
#   build/out/dom0/xen-VERSION  build/out/dom0/vmlinux  build/out/dom0/initrd.cpio
# The userland has the tools of all Xen versions; /lab/env names the version of a boot.
# All files are uncompressed, because unpacking is slow on an emulated processor.
set -eu

here=$(dirname "$0")
debian=$PWD/build/out/trixie
versions="4.20 4.17"
out=$PWD/build/out/dom0
backends="loop xen-blkback llc stp bridge xen-netback"
root=$out/root
work=$out/work
umask 022

rm -rf "$out"
mkdir -p "$root" "$work"

for version in $versions; do gzip -dc "$debian/boot/xen-$version-amd64.gz" >"$out/xen-$version"; done

# The header of the kernel image has offset and length of the compressed payload (boot protocol 2.08).
vmlinuz=$(ls "$debian"/boot/vmlinuz-*)
release=${vmlinuz##*/vmlinuz-}
number() { od -An -t "u$2" -j "$1" -N "$2" "$vmlinuz" | tr -d ' '; }
start=$((($(number 497 1) + 1) * 512 + $(number 584 4)))
length=$(number 588 4)
tail -c "+$((start + 1))" "$vmlinuz" | head -c "$length" >"$work/payload"
case $(od -An -t x1 -N 4 "$work/payload") in
*'fd 37 7a 58') unpack='xz -dc' ;;
*'28 b5 2f fd') unpack='zstd -dc' ;;
*'1f 8b '*) unpack='gzip -dc' ;;
*'02 21 4c 18') unpack='lz4 -dc' ;;
*) unpack=false ;;
esac
# The payload ends with its unpacked size, which the unpacker reports as trailing garbage.
$unpack "$work/payload" >"$work/vmlinux" 2>/dev/null || true
if readelf -h "$work/vmlinux" >/dev/null 2>&1; then
	strip -o "$out/vmlinux" "$work/vmlinux"
else
	echo "dom0: the kernel could not be unpacked, booting it compressed (a second slower)"
	cp "$vmlinuz" "$out/vmlinux"
fi

mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" "$root/modules" "$root/dev" \
	"$root/proc" "$root/sys" "$root/tmp" "$root/run" "$root/root" "$root/etc/xen" "$root/var/lib/xen/xenstore" \
	"$root/var/lib/xen/dump" "$root/var/log/xen/console" "$root/var/lock" "$root/lab"
ln -s usr/bin "$root/bin"
ln -s usr/sbin "$root/sbin"
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
ln -s /run "$root/var/run"
: >"$root/etc/xen/xl.conf"
echo root:x:0:0:root:/root:/bin/sh >"$root/etc/passwd"
echo root:x:0: >"$root/etc/group"

cp "$debian/usr/bin/busybox" "$root/usr/bin/"
# In one process, because 400 calls of ln take seconds.
"$root/usr/bin/busybox" --list | node -e '
	const { readFileSync, symlinkSync } = require("node:fs");
	for (const applet of readFileSync(0, "utf8").trim().split("\n"))
		if (applet !== "busybox") symlinkSync("busybox", `${process.argv[1]}/${applet}`);
' "$root/usr/bin"

tools=
for version in $versions; do
	here_tools=usr/lib/xen-$version/bin
	mkdir -p "$root/$here_tools"
	for tool in init-xenstore-domain xl xenconsoled xenconsole xen-init-dom0 xen-9pfsd xenstored oxenstored \
		xenstore-control lsevtchn test-xenstore libxl-save-helper; do
		# Xen 4.17 has no xen-9pfsd.
		[ $version = 4.17 ] && [ $tool = xen-9pfsd ] && continue
		cp "$debian/$here_tools/$tool" "$root/$here_tools/"
		tools="$tools $root/$here_tools/$tool"
	done
	# The OCaml store of 4.20 loads these when it starts.
	[ ! -d "$debian/usr/lib/xen-$version/ocaml" ] || cp -r "$debian/usr/lib/xen-$version/ocaml" "$root/usr/lib/xen-$version/"
done
# oxenstored's default configuration does not name the kernel's files for Dom0's page and port.
cp "$debian/etc/xen/oxenstored.conf" "$root/etc/xen/"
printf 'xenstored-kva = /proc/xen/xsd_kva\nxenstored-port = /proc/xen/xsd_port\n' >>"$root/etc/xen/oxenstored.conf"
cp -P "$debian"/usr/bin/xenstore* "$root/usr/bin/"
rm -f "$root/usr/bin/xenstore-control"
# Xen's scripts that start a store and attach disks and interfaces.
cp -r "$debian/etc/xen/scripts" "$root/etc/xen/"
scripting="bash prlimit flock stat choom"
for program in $scripting; do
	rm -f "$root/usr/bin/$program"
	cp "$debian/usr/bin/$program" "$root/usr/bin/"
done
# Debian's own start of a store, with what it sources and calls.
mkdir -p "$root/etc/init.d" "$root/usr/lib/lsb" "$root/usr/lib/init"
cp "$debian/etc/init.d/xen" "$root/etc/init.d/"
cp -r "$debian/usr/lib/xen-common" "$root/usr/lib/"
cp "$debian/usr/lib/lsb/init-functions" "$root/usr/lib/lsb/"
cp "$debian/usr/lib/init/vars.sh" "$root/usr/lib/init/"
rm -f "$root/usr/sbin/start-stop-daemon" "$root/usr/bin/start-stop-daemon"
cp "$debian/usr/sbin/start-stop-daemon" "$root/usr/sbin/"
scripting="$scripting ../sbin/start-stop-daemon"

# The shared libraries of the tools, and those of the libraries, until none is missing.
libs=usr/lib/x86_64-linux-gnu
mkdir -p "$root/$libs"
needed() { objdump -p "$@" 2>/dev/null | sed -n 's/^ *NEEDED *//p'; }
cp -L "$debian/$libs/libgcc_s.so.1" "$root/$libs/"
while :; do
	added=
	for lib in $(needed $tools "$root"/usr/bin/xenstore $(for p in $scripting; do echo "$root/usr/bin/$p"; done) "$root/$libs"/* | sort -u); do
		[ -e "$root/$libs/$lib" ] && continue
		[ -e "$debian/$libs/$lib" ] || { echo "dom0: no package brought $lib" >&2; exit 1; }
		cp -L "$debian/$libs/$lib" "$root/$libs/"
		added=yes
	done
	[ "$added" ] || break
done
cp -L "$debian/$libs/ld-linux-x86-64.so.2" "$root/usr/lib64/"

# Kernel modules with their dependencies, in the order of loading.
for module in xen-evtchn xen-privcmd xen-gntdev xen-gntalloc xenfs $backends; do
	path=$(find "$debian/usr/lib/modules/$release" -name "$module.ko.xz")
	xz -dc "$path" >"$root/modules/$module.ko"
done
echo "$backends" >"$root/modules/backends"

cp "$here/init" "$root/init"
cp "$here/lab.sh" "$root/etc/"
cp "$here/lab.sh" "$root/etc/profile"
chmod 755 "$root/init"

(cd "$root" && find . | sort | cpio --quiet -o -H newc -R 0:0) >"$out/initrd.cpio"
rm -rf "$root" "$work"
echo "dom0: $(du -h "$out/initrd.cpio" | cut -f1) of userland, kernel $release"
