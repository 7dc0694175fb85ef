#!/bin/sh
# Makes the three images that docker/base.Dockerfile builds with, where no registry can be reached: Debian by
# mmdebstrap, Rust and npm as they are installed here. As root, with buildah and mmdebstrap:
#   eval "$(sh docker/local-bases.sh)" && ENGINE=buildah sh docker/build.sh
set -eu
cd "$(dirname -- "$0")/.."
export root="$PWD"
# shellcheck source=tools/node.sh
. tools/node.sh
suite=bookworm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

{
  mmdebstrap --quiet --variant=minbase "$suite" "$work/debian.tar" \
    "deb http://deb.debian.org/debian $suite main" \
    "deb http://deb.debian.org/debian $suite-updates main" \
    "deb http://deb.debian.org/debian-security $suite-security main"
  c=$(buildah from scratch)
  buildah add "$c" "$work/debian.tar" /
  buildah config --cmd /bin/sh "$c"
  buildah commit --quiet --rm "$c" localhost/otedama/debian

  c=$(buildah from localhost/otedama/debian)
  buildah run "$c" -- sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev'
  for folder in bin lib; do
    buildah copy "$c" "$(rustc --print sysroot)/$folder" "/usr/local/rust/$folder"
  done
  buildah config --env PATH=/usr/local/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$c"
  # Whom this machine trusts, a proxy of its own included; of the build only.
  buildah copy "$c" /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
  for variable in NODE_EXTRA_CA_CERTS SSL_CERT_FILE CARGO_HTTP_CAINFO; do
    buildah config --env "$variable=/etc/ssl/certs/ca-certificates.crt" "$c"
  done
  buildah commit --quiet --rm "$c" localhost/otedama/rust

  c=$(buildah from localhost/otedama/debian)
  buildah copy "$c" "${node:?}" /usr/local/bin/node
  buildah copy "$c" "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" /usr/local/lib/node_modules/npm
  buildah commit --quiet --rm "$c" localhost/otedama/node
} >&2

for base in DEBIAN RUST NODE; do
  echo "export ${base}_IMAGE=localhost/otedama/$(echo "$base" | tr '[:upper:]' '[:lower:]')"
done
