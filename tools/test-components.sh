#!/bin/sh
# The real programs that the tests start: litecoind (Scrypt, MWEB, regtest) and Chromium (dashboard); and what
# builds the RandomX library that our hashes are compared with.
# On Debian as root they are installed by apt; elsewhere the missing ones are named with the way to get them.
set -eu

missing=
[ -x /usr/lib/litecoin/litecoind ] || command -v litecoind >/dev/null 2>&1 || missing="$missing litecoind"
command -v cmake >/dev/null 2>&1 || missing="$missing cmake"
command -v c++ >/dev/null 2>&1 || missing="$missing g++"
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "otedama: installing for the tests:$missing" >&2
  apt-get update -qq >/dev/null
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
  exit 0
fi
echo "otedama: these programs are missing, and tests need them:$missing" >&2
echo "  Debian or Ubuntu: sudo apt-get install$missing" >&2
echo "  elsewhere: Litecoin Core from litecoin.org, Chromium from your package manager; put them on the PATH" >&2
[ "${CI:-}" != true ] || exit 1
