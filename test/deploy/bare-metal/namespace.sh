#!/bin/sh
# A machine to install on, in namespaces that `unshare` has made: this machine's programs, read-only, and folders of its
# own over what an installation changes. Stays until its standard input ends. $1: where everything that it writes goes.
set -eu
scratch=$1

mount --make-rprivate /
for folder in etc opt usr/local var; do
  mkdir -p "$scratch/$folder.upper" "$scratch/$folder.work"
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$scratch/$folder.upper,workdir=$scratch/$folder.work" "/$folder"
done
mkdir -p "$scratch/srv"
mount --bind "$scratch/srv" /srv
mount -o remount,bind,ro /
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
# Nothing goes on before it is certain that nothing outside can be written: `touch` has to fail, and these are ours.
if touch /usr/.writable 2>/dev/null || touch /home/.writable 2>/dev/null; then
  echo 'the files outside can be written' >&2
  exit 1
fi
for folder in /etc /opt /usr/local /var; do
  [ "$(findmnt -no FSTYPE "$folder")" = overlay ] || exit 1
done
[ "$(findmnt -no FSTYPE /tmp)" = tmpfs ] || exit 1
# As on a machine that was just set up. systemd is not here: systemctl stands in for it.
rm -rf /etc/systemd/system /etc/otedama /opt/otedama
mkdir -p /etc/systemd/system /run/systemd/system
echo ready
exec cat
