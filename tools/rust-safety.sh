#!/bin/sh
# The long checks of the Rust core. Miri interprets the code that needs no SIMD, generated code or mapped memory,
# and stops at undefined behaviour; libFuzzer feeds every target of native/fuzz, each of which compares what it
# fuzzes with a plain computation.
#
#   sh tools/rust-safety.sh [miri] [fuzz] [--seconds N]     both if none is named; N seconds a target, else 60
#
# What is missing is installed by rustup and cargo. Logs are in .tools/rust-safety, inputs that failed in
# native/fuzz/artifacts. Exits with 1 if anything was found.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
logs=$root/.tools/rust-safety
seconds=60
checks=
failed=0

fail() {
  echo "rust-safety: $1" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case $1 in
    miri | fuzz) checks="$checks $1" ;;
    --seconds)
      shift
      seconds=${1-}
      ;;
    *) fail "unknown argument '$1'" ;;
  esac
  shift
done
case $seconds in
  '' | *[!0-9]* | 0) fail '--seconds takes a whole number from 1' ;;
esac
checks=${checks:-miri fuzz}

mkdir -p "$logs"
cd "$root/native"

# One line a check: `check NAME REPORT COMMAND...`. REPORT prints what the log says was done, or fails where
# that is nothing.
check() {
  name=$1
  report=$2
  log=$logs/$(echo "$name" | tr ' ' '-').log
  shift 2
  began=$(date +%s)
  passed=yes
  if "$@" >"$log" 2>&1 && did=$("$report" "$log"); then
    printf 'ok      %-28s %5d s  %s\n' "$name" $(($(date +%s) - began)) "$did"
  else
    passed=no
    failed=1
    printf 'FAILED  %-28s %5d s  %s\n' "$name" $(($(date +%s) - began)) "${log#"$root"/}"
    grep -E '^(error|SUMMARY|thread .* panicked|test .* FAILED|artifact_prefix|Test unit written)' "$log" | head -n 5 >&2 || true
  fi
}

tests_passed() {
  awk '/^test result:/ { passed += $4 } END { print passed + 0, "tests"; exit passed == 0 }' "$1"
}

inputs_run() {
  sed -n 's/^Done \([0-9]*\) runs.*/\1 inputs/p' "$1" | grep .
}

was_built() {
  echo
}

with_miri() {
  package=$1
  shift
  check "miri $package" tests_passed cargo +nightly miri test -p "otedama-$package" "$@"
}

# Tests of a size that ends. Left out are those that read the long files of test/vectors, which Miri takes minutes
# to parse, and the backends it cannot run.
run_miri() {
  cargo +nightly miri --version >"$logs/install.log" 2>&1 ||
    rustup toolchain install nightly --profile minimal --component miri --component rust-src >"$logs/install.log" 2>&1 ||
    fail 'a nightly Rust with Miri could not be installed, see .tools/rust-safety/install.log'
  # The clock and temporary directories.
  export MIRIFLAGS="-Zmiri-disable-isolation ${MIRIFLAGS-}"
  with_miri hash-api
  with_miri primitives --lib
  with_miri keccak messages permutations
  with_miri cryptonote --lib --test blocks -- --skip recorded --skip both_transaction --skip of_monerod
  with_miri worker-api
  with_miri sha256
  with_miri hash-sha256d
  with_miri hash-scrypt
  with_miri contexts --lib -- turns shelf key
  with_miri verify --lib
  with_miri fuzz-targets
}

run_fuzz() {
  if ! cargo fuzz --version >"$logs/install.log" 2>&1; then
    cargo install --locked cargo-fuzz >"$logs/install.log" 2>&1 ||
      fail 'cargo-fuzz could not be installed, see .tools/rust-safety/install.log'
  fi
  rustup toolchain list | grep -q '^nightly' ||
    rustup toolchain install nightly --profile minimal >>"$logs/install.log" 2>&1 ||
    fail 'a nightly Rust could not be installed, see .tools/rust-safety/install.log'
  check 'fuzz seeds' was_built cargo run -q -p otedama-fuzz-targets --example write-seeds -- fuzz/corpus
  check 'fuzz build' was_built cargo +nightly fuzz build
  [ "$passed" = yes ] || return 0
  for target in $(cargo fuzz list); do
    # Inputs of a full batch and a little; an input that takes 20 s is a finding.
    check "fuzz $target" inputs_run cargo +nightly fuzz run "$target" "fuzz/corpus/$target" -- \
      "-max_total_time=$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=60000
  done
}

command -v rustup >/dev/null || fail 'rustup is needed, see https://rustup.rs'
for each in $checks; do "run_$each"; done
exit "$failed"
