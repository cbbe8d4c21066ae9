#!/bin/sh
# Builds everything twice: in two directories of different lengths, at two times, under two umasks. Compares what a host gets, and
# writes build/out/hashes.txt: the hashes, and the versions of all that went in.
set -eu

tree=$PWD
out=$tree/build/out
work=$out/reproduce
rm -rf "$work"
products="xenstore-ts-stubdom.gz xenstore-ts-stubdom-pvh.gz xenstored xenstored.prog xenstored-domains.so xenstore-relay xenstore-web"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

# What is not ignored of this tree, as it is now: somebody may work on it meanwhile.
mkdir -p "$work"
git ls-files -z --cached --others --exclude-standard | xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh |
	tar --null -T - -cf "$work/tree.tar"

# build DIRECTORY UMASK: builds it there, with the modes that the umask gives
build() {
	(umask "$2" && mkdir -p "$1/build/out" && tar --no-same-permissions -C "$1" -xf "$work/tree.tar")
	# What was downloaded, so that nothing is twice.
	cp -a "$out/apt" "$out/debs" "$1/build/out/"
	echo "reproduce: building in $1"
	(cd "$1" && umask "$2" && make image daemon relay deb >"$work/log" 2>&1) || {
		tail -n 20 "$work/log"
		exit 1
	}
	(cd "$1/build/out" && sha256sum $products && cd packages && sha256sum ./*.deb) >"$1.sums"
}

build "$work/a" 022
build "$work/another-directory/b" 027
if cmp -s "$work/a.sums" "$work/another-directory/b.sums"; then
	{
		cat "$work/a.sums"
		echo
		gcc --version | head -n 1
		ld --version | head -n 1
		echo "node $(node --version)"
		cat "$out/versions.txt"
	} >"$out/hashes.txt"
	rm -rf "$work"
	sed '/^$/q' "$out/hashes.txt"
	echo "reproduce: the same, twice; hashes and versions: build/out/hashes.txt"
else
	diff "$work/a.sums" "$work/another-directory/b.sums" || true
	echo "reproduce: the two differ; both are below $work" >&2
	exit 1
fi
