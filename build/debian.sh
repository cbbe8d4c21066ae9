#!/bin/sh
# Makes the disk of a Debian host with Xen, as its installer would leave it: build/out/debian/SUITE/, with
#   disk.img             a file system for /dev/vda
#   xen vmlinuz initrd.img  of its /boot, for the emulator, which stands in for the boot loader
# The packages come through the apt settings that build/fetch.mjs derives from this machine's.
#   sh build/debian.sh SUITE
set -eu

suite=$1
out=$PWD/build/out/debian/$suite
sources=$out/debian.sources
[ "$(id -u)" = 0 ] || { echo "debian: the disk of a Debian can be made by root only" >&2; exit 1; }
sh build/tools.sh disk-host
names=$(awk '$3 == "disk" { print $1 }' build/packages | paste -sd,)
rm -rf "$out"
mkdir -p "$out"
log=$out/log
# Of this release alone: apt would take the newest of all that it knows.
awk -v suite="$suite" '/^Suites:/ { line = "Suites:"; for (i = 2; i <= NF; i++) if (index($i, suite) == 1) line = line " " $i; print line; next } { print }' \
	build/out/apt/etc/debian.sources >"$sources"
trap 'rm -rf "$out/root"' EXIT

echo "debian: putting together a Debian ($suite) with Xen (about a minute)"
# The initial archive has the drivers of the emulator's disk alone: unpacking it is slow on an emulated processor.
mmdebstrap --variant=apt --mode=root --format=directory --architectures=amd64 --include="$names" \
	--aptopt='APT::Install-Recommends "false"' \
	--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
	--setup-hook='mkdir -p "$1/etc/initramfs-tools/conf.d"' \
	--setup-hook='printf "MODULES=list\nCOMPRESS=zstd\n" >"$1/etc/initramfs-tools/conf.d/emulator"' \
	--setup-hook='printf "virtio_pci\nvirtio_blk\next4\n" >"$1/etc/initramfs-tools/modules"' \
	"$suite" "$out/root" "$sources" >"$log" 2>&1 || {
	echo "debian: mmdebstrap failed (no network?): $(grep -m 1 '^E:' "$log"); all of it: $log" >&2
	exit 1
}
cp "$out"/root/boot/vmlinuz-* "$out/vmlinuz"
cp "$out"/root/boot/initrd.img-* "$out/initrd.img"
gzip -dc "$out"/root/boot/xen-*-amd64.gz >"$out/xen"
cp -r images/debian/. "$out/root/"
echo debian >"$out/root/etc/hostname"
chroot "$out/root" systemctl -q enable verdicts.service
truncate -s 1500M "$out/disk.img.new"
mke2fs -q -t ext4 -d "$out/root" "$out/disk.img.new"
mv "$out/disk.img.new" "$out/disk.img"
echo "debian: $(du -h "$out/disk.img" | cut -f1) in build/out/debian/$suite/disk.img"
