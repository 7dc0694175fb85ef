#!/bin/sh
# Lays out the root file system that all images have in common: the libraries that Node is linked with, as Debian
# builds them, and one user. Runs in the build of docker/base.Dockerfile.
#   sh rootfs.sh OUT
set -eu
out=${1:?usage: sh rootfs.sh OUT}
debs=$(mktemp -d)

apt-get update -qq
# apt checks them by Debian's signatures.
(cd "$debs" && apt-get download -qq -o APT::Sandbox::User=root base-files gcc-12-base libc6 libgcc-s1 libstdc++6)

status=$out/var/lib/dpkg/status.d
mkdir -p "$status"
for deb in "$debs"/*.deb; do
  dpkg-deb -x "$deb" "$out"
  # Where scanners look for the packages of an image that has no dpkg.
  dpkg-deb -f "$deb" >"$status/$(dpkg-deb -f "$deb" Package)"
done
# Conversions between character sets, and the tools of libc: nobody here asks for them.
rm -rf "${out:?}"/usr/lib/*/gconv "${out:?}/usr/bin" "${out:?}/usr/sbin" "${out:?}/sbin" "${out:?}/usr/share/lintian"
# Of the documents stays what the licences ask to pass on.
find "$out/usr/share/doc" -type f ! -name copyright -delete

cat >"$out/etc/passwd" <<END
root:x:0:0:root:/:/nonexistent
otedama:x:10001:10001:otedama:/var/lib/otedama:/nonexistent
END
cat >"$out/etc/group" <<END
root:x:0:
otedama:x:10001:
END
echo 'hosts: files dns' >"$out/etc/nsswitch.conf"
mkdir -p "$out/etc/otedama"
install -d -m 0700 -o 10001 -g 10001 "$out/var/lib/otedama"
