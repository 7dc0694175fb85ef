#!/bin/sh
# Builds the images: what they have in common once, then one for each program; with docker, or with buildah where it is
# missing.
#   sh docker/build.sh [NAME...]                       default: all
# By variables: PREFIX and VERSION of the names, ENGINE (docker, buildah), and DEBIAN_IMAGE, RUST_IMAGE, NODE_IMAGE
# for other bases (docker/local-bases.sh makes some without a registry).
set -eu
cd "$(dirname -- "$0")/.."

[ $# -gt 0 ] || set -- stratum-gateway share-validator pool-accounting api-gateway miner-agent cli playground
PREFIX=${PREFIX:-ghcr.io/otedama/otedama}
VERSION=${VERSION:-$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)}
if [ -z "${ENGINE:-}" ]; then
  if docker info >/dev/null 2>&1; then ENGINE=docker; else ENGINE=buildah; fi
fi
command -v "$ENGINE" >/dev/null 2>&1 || {
  echo "otedama: neither a docker daemon nor buildah was found. On Debian or Ubuntu: apt-get install buildah" >&2
  exit 1
}

bases=
for base in DEBIAN_IMAGE RUST_IMAGE NODE_IMAGE; do
  eval "value=\${$base:-}"
  [ -z "$value" ] || bases="$bases --build-arg $base=$value"
done

build() {
  echo "otedama: $* ..." >&2
  case $ENGINE in
    # An image in OCI's own format has no health check; stages that are only copied from would stay as containers.
    buildah) buildah build --quiet --layers --force-rm --format docker "$@" . ;;
    *) docker build --quiet "$@" . ;;
  esac
}

# shellcheck disable=SC2086
for target in build runtime; do
  build $bases --file docker/base.Dockerfile --target "$target" --tag "localhost/otedama/$target"
done
for name in "$@"; do
  build --file "docker/$name.Dockerfile" --tag "$PREFIX/$name:$VERSION" \
    --label "org.opencontainers.image.title=$name" \
    --label "org.opencontainers.image.version=$VERSION" \
    --label org.opencontainers.image.licenses=MIT
done
