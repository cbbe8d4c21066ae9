#!/bin/sh
# Makes the userland of the Linux guest, build/out/linux/initrd.cpio: busybox, the xenstore clients, the frontends.
# The guest boots the same kernel as Dom0.
set -eu

here=$(dirname "$0")
debian=$PWD/build/out/trixie
out=$PWD/build/out/linux
root=$out/root
libs=usr/lib/x86_64-linux-gnu
umask 022

rm -rf "$out"
mkdir -p "$root/usr/bin" "$root/usr/lib64" "$root/$libs" "$root/sbin" "$root/modules" "$root/dev" "$root/proc" "$root/sys" \
	"$root/tmp" "$root/run"
ln -s usr/bin "$root/bin"
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
cp "$debian/usr/bin/busybox" "$root/usr/bin/"
"$root/usr/bin/busybox" --list | while read -r applet; do
	[ "$applet" = busybox ] || ln -s busybox "$root/usr/bin/$applet"
done
cp -P "$debian"/usr/bin/xenstore* "$root/usr/bin/"
for lib in libxenstore.so.4 libxentoolcore.so.1 libc.so.6; do cp -L "$debian/$libs/$lib" "$root/$libs/"; done
cp -L "$debian/$libs/ld-linux-x86-64.so.2" "$root/usr/lib64/"
for module in xen-blkfront xen-netfront; do
	xz -dc "$(find "$debian/usr/lib/modules" -name "$module.ko.xz")" >"$root/modules/$module.ko"
done
# The kernel runs these when the toolstack shuts the guest down; the init script handles no signals.
for end in poweroff reboot; do
	printf '#!/bin/sh\nexec /usr/bin/%s -f\n' $end >"$root/sbin/$end"
	chmod 755 "$root/sbin/$end"
done
cp "$here/init" "$root/init"
chmod 755 "$root/init"
(cd "$root" && find . | sort | cpio --quiet -o -H newc -R 0:0) >"$out/initrd.cpio"
rm -rf "$root"
echo "linux: $(du -h "$out/initrd.cpio" | cut -f1) of userland for the guest"
