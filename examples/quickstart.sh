#!/bin/sh
# Installs what is missing (Debian packages), builds, starts a sandbox on this machine, takes the tour against
# it and shows what was charged there. Needs no account, spends no money, leaves nothing running.
set -eu
cd "$(dirname "$0")/.."
. spec/support/setup.sh

need gcc libc6-dev make cmake pkg-config lua5.4 liblua5.4-dev libcurl4-openssl-dev lua-cjson lua-http || exit 1
build build || exit 1

export LUA_PATH_5_4="./lua/?.lua;./lua/?/init.lua;;" LUA_CPATH_5_4="./build/lib/lua/5.4/?.so;;"
room=$(mktemp -d)

# The sandbox ends when its standard input does: it cannot outlive this script, however that ends.
finish() {
  exec 3>&-
  wait
  rm -rf "$room"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

mkfifo "$room/stdin"
address="$room/address" lua5.4 -e 'require("reseller.sandbox").run {
  announce = os.getenv "address", start = os.date "!%Y-%m-%dT%H:%M:%SZ", watch_stdin = true, quiet = true,
}' <"$room/stdin" 2>"$room/errors" &
exec 3>"$room/stdin"

tries=0
until [ -s "$room/address" ]; do
  tries=$((tries + 1))
  if [ $tries -gt 100 ] || [ -s "$room/errors" ]; then
    say "the sandbox did not start"
    cat "$room/errors" >&2
    exit 1
  fi
  sleep 0.1
done
RESELLER_SANDBOX=$(cat "$room/address")
export RESELLER_SANDBOX

say "examples/tour.lua, against a sandbox at $RESELLER_SANDBOX"
echo
lua5.4 examples/tour.lua 3>&-
echo

# The books are at the sandbox's control address, which any client of it can read.
lua5.4 - 3>&- <<'EOF'
local client = require("reseller").activeplatform()
local charges = assert(client:request { method = "GET", path = "/_sandbox/charges", effect = "read" })
local row, total = "  %-25s %-28s %6d.%02d USD", 0
print "Charged by the sandbox"
for _, charge in ipairs(charges) do
  total = total + charge.amount
  print(row:format(charge.endpoint, charge.subject, charge.amount // 100, charge.amount % 100))
end
print(row:format(("%d charges"):format(#charges), "", total // 100, total % 100))
EOF
echo
say "the sandbox ends here; README.md tells how to start one of your own"
