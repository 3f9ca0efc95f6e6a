#!/bin/sh
# Starts the desk: nginx as nginx.conf says, on free ports of this machine, in a folder of its own, against a sandbox
# that it starts too. Installs what is missing (Debian packages) and builds. Ctrl-C ends both. Needs no account.
#
#   sh examples/openresty/start.sh [--code-cache off] [--live]
#
#   --code-cache off   every request reads the Lua files anew, for those who change them
#   --live             the real platform: wants GHOSTEALTH_API_KEY, DESK_LEDGER and DESK_SECRET_FILE
#
#   RESELLER_SANDBOX=http://127.0.0.1:PORT          a sandbox that is there already
#   DESK_WEBHOOKS_PORT, DESK_PAGES_PORT             ports, free ones unless given
#   DESK_REFRESH, DESK_PATIENCE, DESK_GRACE, DESK_LIMIT, DESK_LEDGER, DESK_SECRET_FILE: see nginx.conf
#   RESELLER_BUILD=FOLDER                           what was built there; nothing is built or installed
set -eu
usage() {
  sed -n '/^#  /s/^# *//p' "$0" | head -1 >&2
  exit 2
}
cache=on live=
unset LUA_PATH LUA_CPATH LUA_INIT
while [ $# -gt 0 ]; do
  case $1 in
    --code-cache) case ${2:-} in on | off) cache=$2 ;; *) usage ;; esac; shift ;;
    --live) live=yes ;;
    *) usage ;;
  esac
  shift
done
cd "$(dirname "$0")/../.."
. spec/support/setup.sh

if [ -n "$live" ]; then
  unset RESELLER_SANDBOX
  for name in GHOSTEALTH_API_KEY DESK_LEDGER DESK_SECRET_FILE; do
    eval "[ -n \"\${$name:-}\" ]" || { say "--live wants $name in the environment"; exit 2; }
  done
fi

if [ -z "${RESELLER_BUILD:-}" ]; then
  need gcc libc6-dev make cmake pkg-config lua5.4 liblua5.4-dev luajit2 libluajit2-5.1-dev libcurl4-openssl-dev \
    lua-cjson lua-http lua-cqueues lua-sql-sqlite3 curl util-linux nginx-light libnginx-mod-http-lua
  build build
  RESELLER_BUILD=build
fi
export LUA_PATH_5_4="./lua/?.lua;./lua/?/init.lua;;" LUA_CPATH_5_4="./$RESELLER_BUILD/lib/lua/5.4/?.so;;"

umask 077
top=$(pwd) room=$(mktemp -d) sandbox='' nginx='' watch=''

# ended PID TENTHS: waits until a process has ended, so many tenths of a second at most
ended() {
  tenths=$2
  while kill -0 "$1" 2>/dev/null; do
    [ "$tenths" -gt 0 ] || return 1
    tenths=$((tenths - 1))
    sleep 0.1
  done
}

# nginx first, which ends what is under way; then the sandbox, which ends when its standard input does.
finish() {
  trap '' INT HUP TERM
  [ -z "$watch" ] || kill "$watch" 2>/dev/null || true
  if [ -n "$nginx" ]; then
    kill -QUIT "$nginx" 2>/dev/null || true
    ended "$nginx" 50 || kill -TERM "$nginx" 2>/dev/null || true
    wait "$nginx" 2>/dev/null || true
  fi
  exec 3>&-
  wait
  rm -rf "$room"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

# Whoever reads these learns when this script ends, however that is.
mkfifo "$room/sandbox" "$room/watch"

if [ -z "$live" ] && [ -z "${RESELLER_SANDBOX:-}" ]; then
  address="$room/address" lua5.4 -e 'require("reseller.sandbox").run {
    announce = os.getenv "address", start = os.date "!%Y-%m-%dT%H:%M:%SZ", watch_stdin = true, quiet = true,
  }' <"$room/sandbox" 2>"$room/errors" &
  sandbox=$!
  exec 3>"$room/sandbox"
  tries=100
  until [ -s "$room/address" ]; do
    tries=$((tries - 1))
    if [ $tries = 0 ] || ! kill -0 "$sandbox" 2>/dev/null; then
      say "the sandbox did not start:"
      cat "$room/errors" >&2
      exit 1
    fi
    sleep 0.1
  done
  RESELLER_SANDBOX=$(cat "$room/address")
fi
[ -n "$live" ] || export RESELLER_SANDBOX

if [ -z "${DESK_SECRET_FILE:-}" ]; then
  DESK_SECRET_FILE=$room/secret
  od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$DESK_SECRET_FILE"
fi
export DESK_SECRET_FILE

# Both at once, so that they differ.
free_ports=$(lua5.4 -e 'local all = {}
  for i = 1, 2 do
    all[i] = require("cqueues.socket").listen { host = "127.0.0.1", port = 0 }
    assert(all[i]:listen(5))
  end
  for _, one in ipairs(all) do print((select(3, one:localname()))) end')
webhooks=${DESK_WEBHOOKS_PORT:-$(echo "$free_ports" | head -1)}
pages=${DESK_PAGES_PORT:-$(echo "$free_ports" | tail -1)}
sed -e "s/127\.0\.0\.1:8080/127.0.0.1:$webhooks/" -e "s/127\.0\.0\.1:8081/127.0.0.1:$pages/" \
  -e "s/^user .*/user $(id -un);/" -e "s/lua_code_cache on;/lua_code_cache $cache;/" \
  examples/openresty/nginx.conf >"$room/nginx.conf"
[ "$(id -u)" = 0 ] || sed -i '/^user /d' "$room/nginx.conf"
ln -s "$top/examples/openresty/desk" "$room/desk"
ln -s "$top/lua" "$room/lua"
case $RESELLER_BUILD in
  /*) ln -s "$RESELLER_BUILD/lib" "$room/lib" ;;
  *) ln -s "$top/$RESELLER_BUILD/lib" "$room/lib" ;;
esac

# A session of its own: Ctrl-C is for this script, which lets nginx end what is under way.
setsid nginx -p "$room/" -c nginx.conf -e error.log -g 'daemon off;' >"$room/out" 2>&1 3>&- &
nginx=$!
# If this script is killed, nginx is to end too.
{ read -r _ || true; kill -TERM "$nginx" 2>/dev/null || true; rm -rf "$room"; } <"$room/watch" 3>&- &
watch=$!
exec 4>"$room/watch"
tries=100
until [ -s "$room/nginx.pid" ] && curl -s -o "$room/first" "http://127.0.0.1:$pages/subscriptions/expiring?within=400d"; do
  tries=$((tries - 1))
  if [ $tries = 0 ] || ! kill -0 "$nginx" 2>/dev/null; then
    say "nginx did not start:"
    cat "$room/out" "$room/error.log" >&2
    exit 1
  fi
  sleep 0.1
done
id=$(tr '{' '\n' <"$room/first" | awk '/"ACTIVE"/ && /"canceled":false/ && match($0, /su_[0-9a-z]+/) && !id {
  id = substr($0, RSTART, RLENGTH) } END { print id == "" ? "SUBSCRIPTION" : id }')

cat <<END
The desk stands. Ctrl-C ends it.

  fleet      http://127.0.0.1:$pages/
  expiring   http://127.0.0.1:$pages/subscriptions/expiring?within=7d
  metrics    http://127.0.0.1:$pages/metrics
  webhooks   http://127.0.0.1:$webhooks/webhooks/unpaid
  platform   ${RESELLER_SANDBOX:-${GHOSTEALTH_BASE_URL:-Ghostealth}}
  folder     $room

  curl 'http://127.0.0.1:$pages/subscriptions/expiring?within=30d'
  curl http://127.0.0.1:$pages/metrics
  luajit examples/openresty/send.lua http://127.0.0.1:$webhooks/webhooks/unpaid $DESK_SECRET_FILE invoice-1 $id

END
wait "$nginx" || true
