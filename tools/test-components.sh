#!/bin/sh
# The real programs that the tests start: litecoind (Scrypt, MWEB, regtest), monerod (RandomX, regtest), geth
# (Ethash, a private chain), nats-server and redis-server (the fleet) and Chromium (dashboard); and what builds the RandomX library that our hashes are
# compared with. On Debian as root they are installed by apt; elsewhere the missing ones are named with the way to
# get them. geth is built into .tools/bin: releases that still mine are in no distribution.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)

# The last line of go-ethereum before the merge. Go 1.17 and newer build it, Debian's included.
geth_version=v1.10.23
geth=$root/.tools/bin/geth

missing=
[ -x /usr/lib/litecoin/litecoind ] || command -v litecoind >/dev/null 2>&1 || missing="$missing litecoind"
command -v monerod >/dev/null 2>&1 || missing="$missing monero"
[ -x "$geth" ] || command -v go >/dev/null 2>&1 || missing="$missing golang-go"
# Debian keeps nats-server where only root looks.
command -v nats-server >/dev/null 2>&1 || [ -x /usr/sbin/nats-server ] || missing="$missing nats-server"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v cmake >/dev/null 2>&1 || missing="$missing cmake"
command -v c++ >/dev/null 2>&1 || missing="$missing g++"
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"

# Their packages start a service of each; the tests start their own.
stop_services() {
  for service in nats-server redis-server; do
    case "$missing" in *" $service"*) ;; *) continue ;; esac
    command -v systemctl >/dev/null 2>&1 && systemctl disable --now "$service" >/dev/null 2>&1 || true
  done
}

if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "otedama: installing for the tests:$missing" >&2
    apt-get update -qq >/dev/null
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    stop_services
  else
    echo "otedama: these programs are missing, and tests need them:$missing" >&2
    echo "  Debian or Ubuntu: sudo apt-get install$missing" >&2
    echo "  elsewhere: Litecoin Core from litecoin.org, monerod from getmonero.org, nats-server from" >&2
    echo "  nats.io, redis-server from redis.io, Go from go.dev, Chromium from" >&2
    echo "  your package manager; put them on the PATH" >&2
    [ "${CI:-}" != true ] || exit 1
  fi
fi

[ ! -x "$geth" ] && command -v go >/dev/null 2>&1 || exit 0
echo "otedama: building the Ethash node for the tests (two or three minutes) ..." >&2
flags='-s -w'
# One of its libraries reaches into the runtime; the linker of Go 1.23 and newer must be told to let it.
case "$(go version)" in
  *go1.1[0-9]* | *go1.2[0-2]*) ;;
  *) flags="$flags -checklinkname=0" ;;
esac
log=$root/.tools/geth.log
mkdir -p "$root/.tools/bin"
if ! CGO_ENABLED=0 GOBIN="$root/.tools/bin" GOFLAGS=-trimpath GOTOOLCHAIN=local \
  go install -ldflags="$flags" "github.com/ethereum/go-ethereum/cmd/geth@$geth_version" >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "otedama: the Ethash node was not built; the whole output is in .tools/geth.log" >&2
  [ "${CI:-}" != true ] || exit 1
fi
