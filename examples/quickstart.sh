#!/bin/sh
# Installs what is missing (Debian packages), builds, starts a sandbox on this machine, and buys and looks around there,
# with the command and from Lua. Needs no account, spends no money, leaves nothing running, changes nothing of yours.
set -eu
cd "$(dirname "$0")/.."
. spec/support/setup.sh

need gcc libc6-dev make cmake pkg-config lua5.4 liblua5.4-dev libcurl4-openssl-dev lua-cjson lua-http \
  lua-argparse lua-sql-sqlite3 lua-filesystem lua-term lua-readline || exit 1
build build || exit 1

export LUA_PATH_5_4="./lua/?.lua;./lua/?/init.lua;;" LUA_CPATH_5_4="./build/lib/lua/5.4/?.so;;"
room=$(mktemp -d)
export XDG_STATE_HOME="$room/state" XDG_CONFIG_HOME="$room/config" # a ledger of its own, and no settings

# The sandbox ends when its standard input does: it cannot outlive this script, however that ends.
finish() {
  exec 3>&-
  wait
  rm -rf "$room"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

# Without the limit of ten requests a minute, for which all this would have to wait.
mkfifo "$room/stdin"
address="$room/address" lua5.4 -e 'require("reseller.sandbox").run {
  announce = os.getenv "address", start = os.date "!%Y-%m-%dT%H:%M:%SZ", limit = false, watch_stdin = true, quiet = true,
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
say "a sandbox runs at $RESELLER_SANDBOX: it behaves like both platforms, and the money in it is play money"

# run WORD… : shows a command, and runs it
run() {
  echo
  echo "\$ reseller $*"
  build/bin/reseller "$@" 3>&-
}
run list --where status=ACTIVE --limit 5 --table
run create --billing-cycle WEEKLY --connections 100 --key order-4711 --yes
run create --billing-cycle WEEKLY --connections 100 --key order-4711 --yes # buys nothing more: the key is known
run ledger list --columns time,endpoint,verdict,amount,caller_key --table

echo
say "the same from Lua: examples/tour.lua"
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

here=$(pwd)
cat <<EOF

This sandbox ends here. What to do next:

  1. Run one of your own; it goes on until Ctrl-C:
       $here/build/bin/reseller sandbox --port 8080
  2. In another terminal, try whatever you like on it:
       export RESELLER_SANDBOX=http://127.0.0.1:8080 RESELLER_LEDGER=\$(mktemp) PATH="$here/build/bin:\$PATH"
       export LUA_PATH_5_4="$here/lua/?.lua;$here/lua/?/init.lua;;" LUA_CPATH_5_4="$here/build/lib/lua/5.4/?.so;;"
       reseller list
       reseller repl
       lua5.4 $here/examples/weekly_report.lua report.html
     In examples/ there is a script for each thing that people do; its head tells what it does and how to run it.
  3. With an account of your own: open a new terminal (there, RESELLER_SANDBOX is not set), and
       export GHOSTEALTH_API_KEY=...
       $here/build/bin/reseller doctor     # only reads; tells what is missing
  README.md has all the rest.
EOF
