#!/bin/sh
# Run by chroot.sh in the machine that has the package and nothing to build with:
#     sh inside.sh [lua]    the script runs on that Lua, lua5.4 unless given
set -eu
lua=${1:-lua5.4}
cd "$(dirname "$0")"

for tool in cc gcc c99 cmake make luarocks git; do
  if command -v $tool; then
    echo "this machine has $tool: it shows nothing"
    exit 1
  fi
done

reseller version
rm -f address
reseller sandbox --no-limit --announce address >/dev/null 2>sandbox.log &
sandbox=$!
trap 'kill $sandbox 2>/dev/null || :' EXIT
tries=0
until [ -s address ]; do
  tries=$((tries + 1))
  [ $tries -lt 150 ] || { cat sandbox.log; exit 1; }
  sleep 0.1
done
RESELLER_SANDBOX=$(cat address)
export RESELLER_SANDBOX

reseller account --json >account.json
grep -q '"totalSubscriptions":45' account.json
reseller list --limit 3 --table
first=$(reseller list --where status=ACTIVE --limit 1 --columns id --jsonl | cut -d '"' -f 4)
reseller renew "$first" --yes
[ "$(reseller ledger list --json | grep -c "$first")" -gt 0 ]
"$lua" tour.lua
