#!/bin/sh
# Installs the Debian package on a machine that has nothing but the base system, in a folder, and uses it there: the
# command, a script on Lua 5.4 and one on LuaJIT, against the package's own sandbox. Takes minutes, loads packages of
# Debian, and wants root and debootstrap, so it is not among the checks of spec/run.sh:
#
#     cmake -S . -B build && cmake --build build && (cd build && cpack) && sh spec/package/chroot.sh build/*.deb
set -eu
package=$(readlink -f -- "$1")
here=$(dirname "$(readlink -f -- "$0")")
. /etc/os-release

say() { printf '%s\n' "-- $*"; }

room=$(mktemp -d)
root=$room/root
clean_up() {
  ! mountpoint -q "$root/proc" || umount "$root/proc"
  rm -rf --one-file-system "$room"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

# The first archive that apt of this machine knows, in either of its two forms.
archive=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
  sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb (\[[^]]*\] )?([^ ]+).*/\2/p' | grep -m 1 '/debian/\{0,1\}$')

say "a base system of $VERSION_CODENAME"
debootstrap --variant=minbase "$VERSION_CODENAME" "$root" "$archive" >"$room/log" 2>&1 || { tail "$room/log"; exit 1; }
mount -t proc proc "$root/proc"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
cp -r /etc/apt/apt.conf.d "$root/etc/apt/"
cp "$package" "$root/root/reseller.deb"
cp "$here/inside.sh" "$here/tour.lua" "$root/root/"

inside() { chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }

apt() { inside apt-get "$@" -y -qq >"$room/log" 2>&1 || { tail "$room/log"; exit 1; }; }

say "the package and what it cannot do without"
apt update
apt install --no-install-recommends /root/reseller.deb
inside reseller version
inside reseller config
inside lua5.4 -e 'print(require("reseller").version)'
apt purge reseller

say "the package and what it recommends"
apt install /root/reseller.deb
inside sh /root/inside.sh

say "the same on LuaJIT"
apt install --no-install-recommends luajit
inside sh /root/inside.sh luajit

say "gone without a trace"
apt purge reseller
if inside find / -xdev -path /root -prune -o -path '*reseller*' -print | grep .; then exit 1; fi
say "passed"
