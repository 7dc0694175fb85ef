#!/bin/sh
# Installs the packages and builds the native core, the dashboard and the program. Each step is skipped by
# its own tool when nothing changed. Output goes to .tools/build.log and is shown when a step fails.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root"

fail() {
  echo "otedama: $1" >&2
  exit 1
}

command -v node >/dev/null 2>&1 || fail "Node.js 20 or newer with npm is needed to install; none is on the PATH."
node -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)' ||
  fail "Node.js 20 or newer is needed to install; this is $(node --version)."
command -v npm >/dev/null 2>&1 || fail "npm is needed to install and is not on the PATH; it comes with Node.js."
command -v cargo >/dev/null 2>&1 ||
  fail "a Rust toolchain is needed to build the mining core and cargo is not on the PATH. See https://rustup.rs"

mkdir -p .tools apps/cli/dist
log=$root/.tools/build.log
: >"$log"
# The stamp carries the time the build began: a file saved while it runs is stale at the next start.
began=$root/.tools/began
: >"$began"

step() {
  title=$1
  shift
  printf 'otedama: %s ...\n' "$title" >&2
  if ! "$@" >>"$log" 2>&1; then
    tail -n 40 "$log" >&2
    fail "$title failed; the whole output is in .tools/build.log"
  fi
}

pnpm_version=12.21.0
pnpm=.tools/node_modules/.bin/pnpm
if [ ! -x "$pnpm" ] || [ "$("$pnpm" --version 2>/dev/null)" != "$pnpm_version" ]; then
  step "fetching the package manager" npm install --prefix .tools --no-save --no-package-lock --no-audit --no-fund "pnpm@$pnpm_version"
fi
if [ ! -e node_modules/.otedama-installed ] || [ pnpm-lock.yaml -nt node_modules/.otedama-installed ] ||
  [ -n "$(find package.json apps/*/package.json libs/*/package.json test/*/package.json native/package.json pnpm-workspace.yaml -newer node_modules/.otedama-installed)" ]; then
  step "installing packages" "$pnpm" install --frozen-lockfile
  : >node_modules/.otedama-installed
fi
. "$root/tools/node.sh"
export NX_DAEMON=false NX_NO_CLOUD=true NX_TUI=false
PATH="$(dirname "$node"):$root/.tools/node_modules/.bin:$PATH" step "building the mining core, the services and the dashboard" \
  "$node" node_modules/nx/dist/bin/nx.js run-many -t build --outputStyle=stream
cp -p "$began" apps/cli/dist/.built
rm -f "$began"
