#!/bin/sh
# Brings a release of Otedama onto this machine, one service at a time, or takes the machine back to the one before.
# docs/bare-metal.md is the guide.
#
#   production-deploy.sh RELEASE.tar.gz [--service NAME[@N]]...    SHA256SUMS lies beside the release
#   production-deploy.sh --rollback                                to the release before; after a failure, to the old one
#   production-deploy.sh --status
#
#   --service NAME[@N]   a service that this machine is to run from now on; those it runs already are known
#   --dry-run            makes every check, says what would be done, changes nothing
#   --streams            brings the streams of NATS up to date first; on the one machine that has admin.nk
#   --migrate            the new release changes the database, and there is a backup
#   --restored           the database was restored from before the change: let the older release have it
#   --force              also where a service is not ready before anything is touched; with --rollback, also where a
#                        validator does not get rid of its found blocks, which the release before then takes up
#   --sysctl             installs and applies the kernel settings of the release as well
#   --keep N             releases that stay on the machine (3)
#   --wait S             seconds that a service may take to be ready (60), or a validator to hand over its blocks (120)
#   --root DIR           installs into an image that does not run: no service is started, stopped or asked
#
# A service is replaced only when it has drained, and a validator only when no found block is left in its spool. The
# first one that is not ready on its new release gets its old one back, and the rest is not touched. Configuration,
# keys and data are never written. Run again, it does what is left to do, or nothing.
# Exit codes: 0 done, 1 failed (what failed, and what runs now, is said), 2 wrong usage.
set -eu

usage() {
  sed -n '2,/^set -eu/{/^set -eu/d;s/^# \{0,1\}//;p}' "$0" >&2
  exit 2
}

say() { printf 'deploy: %s\n' "$1"; }
warn() { printf 'deploy: %s\n' "$1" >&2; }
fail() {
  warn "$1"
  exit 1
}

action=deploy
archive=
services=
root=
dry=
streams=
migrate=
restored=
force=
sysctl=
keep=3
ready_s=60
spool_s=120

number() {
  case $2 in '' | *[!0-9]*) warn "$1 takes a whole number" && exit 2 ;; esac
}

while [ $# -gt 0 ]; do
  case $1 in
    --rollback) action=rollback ;;
    --status) action=status ;;
    --dry-run) dry=yes ;;
    --streams) streams=yes ;;
    --migrate) migrate=yes ;;
    --restored) restored=yes ;;
    --force) force=yes ;;
    --sysctl) sysctl=yes ;;
    --service | --root | --keep | --wait)
      [ $# -ge 2 ] || usage
      case $1 in
        --service) services="$services $2" ;;
        --root) root=$(CDPATH='' cd -- "$2" && pwd -P) ;;
        --keep) number "$1" "$2" && keep=$2 ;;
        --wait) number "$1" "$2" && ready_s=$2 spool_s=$2 ;;
      esac
      shift
      ;;
    -*) usage ;;
    *) [ -z "$archive" ] || usage && archive=$1 ;;
  esac
  shift
done
[ "$action" = deploy ] && [ -z "$archive" ] && usage
[ "$action" != deploy ] && [ -n "$archive$services$streams$migrate" ] && usage
[ "$keep" -ge 2 ] || fail '--keep needs 2 at least: the release that runs, and the one to go back to'
for each in $services; do
  case $each in
    pool-accounting | api-gateway | miner-agent | share-validator@[1-9] | stratum-gateway@[1-9]) ;;
    *) fail "--service $each: pool-accounting, api-gateway, miner-agent, share-validator@N, stratum-gateway@N with N of 1 to 9" ;;
  esac
done

base=$root/opt/otedama
active=$base/active
etc=$root/etc/otedama
units=$root/etc/systemd/system
# Named while its service is between two releases, so that the next run knows why it is down.
switching=$base/.switching

# ---- what is there ------------------------------------------------------------------------------------------------

# Who reads a log comes before who writes it, so that nothing new is written for an old reader.
READERS_FIRST='pool-accounting share-validator stratum-gateway api-gateway miner-agent'
WRITERS_FIRST='miner-agent api-gateway stratum-gateway share-validator pool-accounting'

# units ORDER: of this machine, in that order.
units() {
  for service in $1; do
    for link in "$active/otedama-$service" "$active/otedama-$service"@*; do
      [ ! -L "$link" ] || echo "${link##*/}"
    done
  done
}

linked() { [ ! -L "$1" ] || basename "$(readlink "$1")"; }
release_of() { linked "$active/$1"; }
fact() { sed -n "s/^ *\"$2\": \"\(.*\)\",\{0,1\}\$/\1/p" "$1/release.json"; }
is_running() { [ -z "$root" ] && systemctl is-active --quiet "$1"; }
is_validator() { case $1 in otedama-share-validator@*) ;; *) return 1 ;; esac }

# setting UNIT NAME: as the service sees it, the operator's file included.
setting() {
  value=$(systemctl show --property=Environment --value "$1" | tr ' ' '\n' | sed -n "s/^$2=//p" | tail -n 1)
  own=
  [ ! -e "$etc/$1.env" ] || own=$(sed -n "s/^ *$2=//p" "$etc/$1.env" | tr -d "\"'" | tail -n 1)
  echo "${own:-$value}"
}

# What the service lacks to be ready; nothing when it is.
lacks() {
  address=$(setting "$1" OTEDAMA_MONITORING_HEALTH_ADDRESS)
  case $address in :*) address=127.0.0.1$address ;; esac
  # shellcheck disable=SC2016 # JavaScript, not the shell's
  "$active/$1/bin/node" --no-warnings -e '
    const say = (text) => (process.stdout.write(text), process.exit(1));
    fetch(process.argv[1], { signal: AbortSignal.timeout(3000) }).then(async (reply) => {
      if (reply.ok) process.exit(0);
      const { parts = {} } = await reply.json();
      const wrong = Object.entries(parts).filter(([, part]) => part.state !== "up");
      say(wrong.map(([name, part]) => `${name}: ${part.reason ?? part.state}`).join("; ") || `status ${reply.status}`);
    }).catch((error) => say(String(error.cause?.message ?? error.message)));
  ' "http://$address/health/ready" || :
}

# Blocks that were found and are not in the log of blocks yet.
spooled() {
  find "$(setting "$1" OTEDAMA_APP_DATA_DIR)/spool" -type f \( -name '*.json' -o -name '*.json.tmp' \) 2>/dev/null | wc -l
}

status() {
  say "current $(linked "$base/current"), before it $(linked "$base/previous")"
  for unit in $(units "$READERS_FIRST"); do
    state=stopped
    if is_running "$unit"; then
      reason=$(lacks "$unit")
      state=${reason:-ready}
    fi
    say "$(printf '%-28s %-12s %s' "$unit" "$(release_of "$unit")" "$state")"
  done
}

# ---- changes ------------------------------------------------------------------------------------------------------

# act WHAT COMMAND...: the only door to a change.
act() {
  say "${dry:+would }$1"
  shift
  [ -n "$dry" ] || "$@"
}

control() { [ -n "$root" ] || systemctl "$@"; }

# In one step: there is a release at every moment.
link() {
  mkdir -p "$(dirname "$2")"
  ln -sfn "$1" "$2.new"
  mv -fT "$2.new" "$2"
}

note() {
  [ -n "$dry" ] || printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >>"$base/history"
}

# place FILE TO: a file of the release, where it is another than there is.
place() {
  ! cmp -s "$1" "$2" || return 0
  placed=yes
  act "install ${2#"$root"}" install -D -m 0644 "$1" "$2"
}

place_units() {
  placed=
  for file in "$1"/deploy/systemd/*.* "$1"/deploy/systemd/*/*.conf; do
    [ -d "$file" ] || place "$file" "$units/${file#"$1"/deploy/systemd/}"
  done
  [ -z "$placed" ] || act 'have systemd read its units again' control daemon-reload
}

place_machine() {
  place "$1/deploy/journald/journald@otedama.conf" "$root/etc/systemd/journald@otedama.conf"
  placed=
  place "$1/deploy/sysusers.d/otedama.conf" "$root/etc/sysusers.d/otedama.conf"
  [ -z "$placed" ] || act 'make the users of the services' systemd-sysusers ${root:+"--root=$root"} otedama.conf
  if [ ! -d "$etc" ]; then
    act "make $etc for configuration and keys" install -d -m 0750 "$etc"
    [ -n "$root" ] || act "let the group otedama read it" chgrp otedama "$etc"
  fi
  if [ -n "$sysctl" ]; then
    placed=
    place "$1/deploy/sysctl.d/60-otedama.conf" "$root/etc/sysctl.d/60-otedama.conf"
    # All files in their order: a greater value of the operator's stays.
    [ -z "$placed" ] || [ -n "$root" ] || act 'apply the kernel settings' sysctl --quiet --system
  fi
}

# ---- a release ----------------------------------------------------------------------------------------------------

check_archive() {
  folder=$(CDPATH='' cd -- "$(dirname -- "$archive")" && pwd -P) || fail "$archive: no such folder"
  name=$(basename -- "$archive")
  [ -r "$folder/$name" ] || fail "$archive cannot be read"
  [ -r "$folder/SHA256SUMS" ] || fail "$folder/SHA256SUMS is missing: without it nobody knows whether $name is whole"
  line=$(awk -v name="$name" '$2 == name || $2 == "*" name' "$folder/SHA256SUMS")
  [ -n "$line" ] || fail "$name is not in $folder/SHA256SUMS"
  (cd "$folder" && echo "$line" | sha256sum --check --status) || fail "$name is not what SHA256SUMS says"
}

check_release() {
  (cd "$1" && sha256sum --check --strict --quiet MANIFEST.sha256) >/dev/null 2>&1 ||
    fail "$1 is damaged: its files are not those of MANIFEST.sha256"
  extra=$(cd "$1" && find . -type f ! -name MANIFEST.sha256 | wc -l)
  [ "$extra" = "$(wc -l <"$1/MANIFEST.sha256")" ] || fail "$1 has files that are not in its MANIFEST.sha256"
  [ "$("$1/bin/otedama" version)" = "$(fact "$1" version)" ] || fail "$1 does not run on this machine"
}

scratch=
cleanup() { [ -z "$scratch" ] || rm -rf "$scratch"; }
trap cleanup EXIT

# Unpacks the archive beside the others; sets $target and $release.
unpack() {
  check_archive
  umask 022
  # The first line names the folder that everything is in.
  top=$(tar -tf "$archive" 2>/dev/null | head -n 1)
  for release in "$base"/releases/*; do
    [ -e "$release/MANIFEST.sha256" ] || continue
    tar -xOf "$archive" "${top}MANIFEST.sha256" 2>/dev/null | cmp -s - "$release/MANIFEST.sha256" || continue
    check_release "$release"
    target=$(fact "$release" version)
    return 0
  done
  if [ -n "$dry" ]; then
    scratch=$(mktemp -d)
    chmod 0755 "$scratch"
  else
    mkdir -p "$base/releases"
    rm -rf "$base"/releases/.incoming-*
    scratch=$(mktemp -d "$base/releases/.incoming-XXXXXX")
    chmod 0755 "$scratch"
  fi
  tar -xf "$archive" -C "$scratch" --strip-components=1 --no-same-owner --no-same-permissions
  [ -r "$scratch/release.json" ] || fail "$archive is no release of Otedama"
  check_release "$scratch"
  target=$(fact "$scratch" version)
  release=$base/releases/$target
  [ ! -d "$release" ] || fail "$release is there already and is another build of the same version"
  if [ -n "$dry" ]; then
    say "would unpack ${release#"$root"}"
    release=$scratch
  else
    say "unpack ${release#"$root"}"
    touch "$scratch"
    mv -T "$scratch" "$release"
    scratch=
  fi
}

# check_configuration RELEASE UNIT...: with the new program, as the user of the service and with its variables, so that
# what would stop it is found while the old one runs.
check_configuration() {
  program=$1
  shift
  for unit in "$@"; do
    service=${unit#otedama-}
    service=${service%@*}
    user=otedama-$service
    # In an image there need not be a configuration yet, in a first dry run no user.
    [ -z "$root" ] || [ -e "$etc/otedama.yaml" ] || continue
    [ -n "$root" ] || id "$user" >/dev/null 2>&1 || continue
    file=$etc/otedama.yaml
    set -- "$program/bin/node" --no-warnings "$program/apps/$service/dist/$service.cjs" --check
    if [ -z "$root" ]; then
      file=$(setting "$unit" CONFIG)
      set -- runuser -u "$user" -- "$@"
    fi
    "$@" --config "${file:-/etc/otedama/otedama.yaml}" >&2 || fail "$unit could not start on $target with this configuration; nothing was changed"
  done
}

# Migrations are never taken back, and an older release refuses a newer database.
check_schema() {
  is_here=$(units pool-accounting)
  [ -n "$is_here" ] || return 0
  from=$base/releases/$(release_of "$is_here")
  [ -e "$from/release.json" ] || return 0
  old=$(fact "$from" schema)
  new=$(fact "$release" schema)
  [ "$old" != "$new" ] || return 0
  newest=$(printf '%s\n%s\n' "$old" "$new" | sort | tail -n 1)
  if [ "$newest" = "$new" ]; then
    [ -n "$migrate" ] || fail "$target changes the database ($old to $new), which is not taken back: make a backup (pg_dump), then add --migrate"
  else
    [ -n "$restored" ] || fail "the database has what $target does not know ($old): restore the backup from before it, then add --restored"
  fi
}

check_ready() {
  [ -z "$root$force" ] || return 0
  for unit in $1; do
    is_running "$unit" || continue
    [ "$unit" != "$(cat "$switching" 2>/dev/null)" ] || continue
    reason=$(lacks "$unit")
    [ -z "$reason" ] || fail "$unit is not ready as it is ($reason); nothing was changed. Deploy when it is well, or add --force"
  done
}

# ---- one service --------------------------------------------------------------------------------------------------

# True when it was ready twice, as one and the same process.
becomes_ready() {
  since=
  waited=0
  while [ "$waited" -lt "$ready_s" ]; do
    sleep 1
    waited=$((waited + 1))
    pid=$(systemctl show --property=MainPID --value "$1")
    if is_running "$1" && [ -z "$(lacks "$1")" ]; then
      [ "$since" != "$pid" ] || return 0
      since=$pid
    else
      since=
      ! systemctl is-failed --quiet "$1" || return 1
    fi
  done
  return 1
}

# hand_over VALIDATOR: blocks are handed over by the process that found them, which knows how far it came.
hand_over() {
  waited=0
  while [ "$(spooled "$1")" -gt 0 ]; do
    left="$1 has $(spooled "$1") found blocks in its spool"
    if may_leave_blocks; then
      warn "$left, which $target will take up when it starts"
      return 0
    fi
    is_running "$1" || fail "$left and does not run: start it, so that it hands them over"
    [ "$waited" -lt "$spool_s" ] || fail "$left after $spool_s s, and runs on. See why it does not get rid of them: journalctl --namespace=otedama -u $1"
    [ "$waited" -gt 0 ] || say "$left: waiting"
    sleep 1
    waited=$((waited + 1))
  done
}

# A release that cannot hand over its blocks must not keep the machine from the one that could.
may_leave_blocks() { [ "$action" = rollback ] && [ -n "$force" ]; }

start() {
  control start "$1"
  [ -n "$root" ] || becomes_ready "$1"
}

# put_back UNIT RELEASE WHY: the service on what it ran before.
put_back() {
  warn "$1: $3"
  [ -n "$root" ] || journalctl --namespace=otedama --unit "$1" --lines 5 --no-pager --output cat 2>/dev/null >&2 || :
  control stop "$1" || :
  place_units "$base/releases/$2"
  link "../releases/$2" "$active/$1"
  if start "$1"; then
    rm -f "$switching"
    warn "$1 is back on $2 and ready; the services after it were not touched"
  else
    warn "$1 is back on $2 and NOT READY: $(lacks "$1")"
  fi
  note "failed $1 $2 -> $target: $3"
  fail "stopped. --rollback takes the services before it back as well; --status tells what runs"
}

# switch UNIT: to the release $target. Not to be cut short: signals wait.
switch() {
  unit=$1
  old=$(release_of "$unit")
  was_running=
  if is_running "$unit" || [ "$unit" = "$(cat "$switching" 2>/dev/null)" ]; then was_running=yes; fi
  if [ "$old" = "$target" ]; then
    if [ -z "$was_running" ] || { is_running "$unit" && [ -z "$(lacks "$unit")" ]; }; then
      say "$unit is on $target"
      return 0
    fi
  elif [ -n "$dry" ]; then
    say "would ${was_running:+drain, }switch ${was_running:+and start }$unit: $old -> $target"
    return 0
  fi
  [ -z "$dry" ] || { say "would start $unit" && return 0; }
  [ -n "$root" ] || ! is_validator "$unit" || hand_over "$unit"
  trap '' HUP INT TERM
  [ -z "$was_running" ] || echo "$unit" >"$switching"
  control stop "$unit"
  if [ -z "$root" ] && is_validator "$unit" && ! may_leave_blocks && [ "$(spooled "$unit")" -gt 0 ]; then
    put_back "$unit" "$old" 'found a block while it drained, which is still in its spool'
  fi
  link "../releases/$target" "$active/$unit"
  if [ -z "$was_running" ]; then
    say "$unit: $old -> $target; it does not run and was left so"
  elif start "$unit"; then
    rm -f "$switching"
    say "$unit: $old -> $target, ready"
  else
    reason=$(lacks "$unit")
    put_back "$unit" "$old" "not ready on $target after $ready_s s: ${reason:-it ends again and again}"
  fi
  trap - HUP INT TERM
}

# A service that this machine did not run before.
add() {
  unit=otedama-$1
  [ ! -L "$active/$unit" ] || return 0
  act "make $unit run $target" link "../releases/$target" "$active/$unit"
  [ -z "$dry" ] || { say "would start $unit" && return 0; }
  if [ -n "$root" ]; then
    systemctl --quiet --root="$root" enable "$unit.service" otedama.target
    return 0
  fi
  trap '' HUP INT TERM
  systemctl --quiet enable "$unit.service" otedama.target
  if ! start "$unit"; then
    reason=$(lacks "$unit")
    systemctl --quiet disable --now "$unit.service"
    rm -f "$active/$unit"
    note "failed $unit $target: $reason"
    fail "$unit is not ready on $target after $ready_s s: ${reason:-it ends again and again}. It was taken off again"
  fi
  trap - HUP INT TERM
  say "$unit: $target, ready"
}

prune() {
  rest=$keep
  # By the time they came, the newest first.
  for name in $(cd "$base/releases" && ls -1t); do
    rest=$((rest - 1))
    [ "$rest" -lt 0 ] || continue
    case " $(linked "$base/current") $(linked "$base/previous") $(for unit in $(units "$READERS_FIRST"); do release_of "$unit"; done | tr '\n' ' ') " in
      *" $name "*) continue ;;
    esac
    act "remove the release $name" rm -rf "${base:?}/releases/$name"
  done
}

# ---- the three actions --------------------------------------------------------------------------------------------

settle() {
  before=$(linked "$base/current")
  if [ "$before" != "$target" ]; then
    [ -z "$before" ] || act "remember $before as the release before" link "releases/$before" "$base/previous"
    act "make $target the current release" link "releases/$target" "$base/current"
    note "$action: $target is current"
  fi
  if [ ! -L "$root/usr/local/bin/otedama" ]; then
    act 'link the command otedama' link /opt/otedama/current/bin/otedama "$root/usr/local/bin/otedama"
  fi
}

deploy() {
  unpack
  known=$(units "$READERS_FIRST")
  check_ready "$known"
  check_schema
  # shellcheck disable=SC2086 # names of units hold no spaces
  check_configuration "$release" $known
  place_machine "$release"
  # Of the services to come, whose users there are now.
  for each in $services; do check_configuration "$release" "otedama-$each"; done
  if [ -n "$streams" ]; then
    act 'bring the streams of NATS up to date' "$release/bin/otedama" fleet streams --config "$etc/otedama.yaml"
  fi
  place_units "$release"
  for unit in $known; do switch "$unit"; done
  for service in $READERS_FIRST; do
    for each in $services; do
      [ "${each%@*}" != "$service" ] || add "$each"
    done
  done
  settle
  [ -n "$dry" ] || prune
  say "${dry:+would be }done: $target"
}

# After a deployment that stopped half-way some services are ahead of the current release, and come back to it.
rollback() {
  target=$(linked "$base/previous")
  for unit in $(units "$READERS_FIRST"); do
    [ "$(release_of "$unit")" = "$(linked "$base/current")" ] || target=$(linked "$base/current")
  done
  [ -n "$target" ] || fail 'there is no release to go back to'
  release=$base/releases/$target
  check_release "$release"
  known=$(units "$WRITERS_FIRST")
  check_schema
  # shellcheck disable=SC2086 # names of units hold no spaces
  check_configuration "$release" $known
  place_units "$release"
  for unit in $known; do switch "$unit"; done
  settle
  say "${dry:+would be }done: back on $target"
}

case $action in
  status) status && exit 0 ;;
esac
if [ -z "$root" ]; then
  [ "$(id -u)" = 0 ] || fail 'only root may install services'
  [ -d /run/systemd/system ] || fail 'systemd does not run this machine; --root installs into an image'
fi
if [ -z "$dry" ]; then
  mkdir -p "$base"
  exec 9>>"$base/.lock"
  flock --nonblock 9 || fail 'another deployment is under way'
fi
"$action"
