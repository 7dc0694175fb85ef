#!/bin/sh
# Makes what compose.production.yaml wants beside the description of your pools: the keys of NATS, and passwords that
# nobody needs to know. As root, because the files belong to the users of the containers. What is there stays.
#   sh docker/prepare.sh DIR
set -eu
umask 077
home=${1:?usage: sh docker/prepare.sh DIR}
version=${OTEDAMA_VERSION:-0.1.0}
cli="docker run --rm --user 10001:10001 --read-only --network none"
user=10001

secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# keep FILE OWNER: standard input, unless the file is there.
keep() {
  [ ! -e "$1" ] || return 0
  cat >"$1.new"
  chmod 0400 "$1.new"
  chown "$2:$2" "$1.new"
  mv "$1.new" "$1"
}

mkdir -p "$home/pools" "$home/secrets" "$home/nats"
home=$(CDPATH='' cd -- "$home" && pwd -P)
chmod 0755 "$home" "$home/pools" "$home/nats" "$home/secrets"

if [ ! -e "$home/nats/keys" ]; then
  install -d -m 0700 -o "$user" -g "$user" "$home/nats/keys.new"
  $cli -v "$home/nats/keys.new:/keys" "ghcr.io/otedama/otedama/cli:$version" \
    fleet credentials --out /keys --host 0.0.0.0 --store /data >&2
  mv "$home/nats/keys.new" "$home/nats/keys"
fi
if [ ! -e "$home/nats/server" ]; then
  route=$(secret)
  install -d -m 0700 "$home/nats/server.new"
  cp "$home/nats/keys/nats-users.conf" "$home/nats/server.new/"
  {
    cat "$home/nats/keys/nats-server.conf"
    cat <<END
http: 8222
cluster {
  name: otedama
  listen: "0.0.0.0:6222"
  authorization { user: route, password: "$route" }
  routes: [
    "nats-route://route:$route@nats-1:6222"
    "nats-route://route:$route@nats-2:6222"
    "nats-route://route:$route@nats-3:6222"
  ]
}
END
  } >"$home/nats/server.new/nats-server.conf"
  chown -R 0:0 "$home/nats/server.new"
  mv "$home/nats/server.new" "$home/nats/server"
fi

cd "$home/secrets"
secret | keep postgres.password "$user"
secret | keep grafana.password 472
echo "postgres://otedama:$(cat postgres.password)@postgres/otedama" | keep database.url "$user"
printf 'requirepass %s\nsave ""\nappendonly no\n' "$(secret)" | keep redis.conf "$user"
redis=$(sed -n 's/^requirepass //p' redis.conf)
echo "redis://:$redis@redis" | keep redis.url "$user"
printf '{"redis://redis:6379": "%s"}\n' "$redis" | keep redis-exporter.json "$user"

[ -e "$home/otedama.yaml" ] || echo "otedama: now describe your pools in $home/otedama.yaml (README.md, 'A real pool')" >&2
