#!/bin/sh
# Installs what is missing, builds, and runs every spec on Lua 5.4 and LuaJIT, luacheck, the specs again with
# AddressSanitizer, and the I/O thread under valgrind and ThreadSanitizer. Closes with "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 1
. spec/support/setup.sh

need gcc make cmake pkg-config lua5.4 liblua5.4-dev luajit2 libluajit2-5.1-dev libcurl4-openssl-dev \
  lua-cjson lua-busted lua-check lua-http lua-cqueues lua-posix luarocks openssl valgrind util-linux \
  lua-sql-sqlite3 lua-sql-postgres postgresql strace \
  nginx-light libnginx-mod-http-lua lua-nginx-redis redis-server lua-luv \
  lua-argparse lua-filesystem lua-term lua-readline dpkg-dev file groff-base \
  ca-certificates curl procps bsdutils zsh fish || exit 1

passed=0
failed=0

# count NAME PASSED FAILED
count() {
  printf '%-40s %5d passed %5d failed\n' "$1" "$2" "$3"
  passed=$((passed + $2))
  failed=$((failed + $3))
}

# check NAME COMMAND… : one check, passed when the command succeeds
check() {
  name=$1
  shift
  if "$@" >build/check.log 2>&1; then
    count "$name" 1 0
  else
    cat build/check.log
    count "$name" 0 1
  fi
}

# specs NAME LUA ABI FOLDER [option…] : busted on one Lua with the core of one build
specs() {
  name=$1 lua=$2 abi=$3 folder=$4
  shift 4
  log=build/specs.log
  RESELLER_BUILD=$folder LUA_PATH="./lua/?.lua;./lua/?/init.lua;./?.lua;;" \
    LUA_CPATH="./$folder/lib/lua/$abi/?.so;;" \
    busted --lua="$lua" --output=plainTerminal "$@" spec >$log 2>&1
  status=$?
  summary=$(grep -E '^[0-9]+ success' $log | tail -1)
  [ -n "$summary" ] || summary="0 successes / 0 failures / 1 error"
  good=$(echo "$summary" | sed -E 's/^([0-9]+) success.*/\1/')
  bad=$(echo "$summary" | sed -E 's|.* / ([0-9]+) failure.* / ([0-9]+) error.*|\1 \2|' | awk '{print $1 + $2}')
  [ $status = 0 ] || [ "$bad" -gt 0 ] || bad=1
  [ "$bad" = 0 ] || cat $log
  count "$name" "$good" "$bad"
}

# proof NAME LUA ABI PROGRAM… : a program of spec/proof, passed when it exits with 0; shows its figures
proof() {
  name=$1 lua=$2 abi=$3
  shift 3
  check "$name" env LUA_PATH="./lua/?.lua;./lua/?/init.lua;./?.lua;;" \
    LUA_CPATH="./build/lib/lua/$abi/?.so;;" "$lua" "$@"
  sed 's/^/  /' build/check.log | tail -3
}

build build -DRESELLER_WERROR=ON || exit 1
cmake --build build --target unit >build/build.log 2>&1 || { cat build/build.log; exit 1; }
unit=$(build/unit)
printf '%s\n' "$unit" | sed '$d'
count "unit" "$(printf '%s\n' "$unit" | tail -1 | cut -d' ' -f1)" "$(printf '%s\n' "$unit" | tail -1 | cut -d' ' -f3)"

check "luacheck" luacheck -q .
specs "specs, Lua 5.4" lua5.4 5.4 build
specs "specs, LuaJIT" luajit 5.1 build

proof "simulation, 10,000 schedules" luajit 5.1 spec/proof/simulate.lua
proof "order on the disk" lua5.4 5.4 spec/proof/order.lua
proof "kill -9" lua5.4 5.4 spec/proof/kill.lua --seconds 40
proof "kill -9, PostgreSQL" luajit 5.1 spec/proof/kill.lua --seconds 10 --postgres 1
proof "races" lua5.4 5.4 spec/proof/race.lua --races 50
proof "bulk change, interrupted twice" lua5.4 5.4 spec/proof/bulk.lua
proof "races, PostgreSQL" luajit 5.1 spec/proof/race.lua --races 50 --postgres 1

build build/asan -DRESELLER_SANITIZE=ON || exit 1
LD_PRELOAD=$(gcc -print-file-name=libasan.so)
ASAN_OPTIONS=detect_leaks=0
export LD_PRELOAD ASAN_OPTIONS
specs "specs, Lua 5.4, sanitized" lua5.4 5.4 build/asan
check "mangled texts, sanitized" env LUA_PATH="./lua/?.lua;./lua/?/init.lua;;" \
  LUA_CPATH="./build/asan/lib/lua/5.4/?.so;;" lua5.4 spec/fuzz/texts.lua
unset LD_PRELOAD ASAN_OPTIONS

check "nothing lost, by valgrind" sh spec/bench/run.sh leaks
check "no races, by ThreadSanitizer" sh spec/bench/run.sh races
if command -v clang >/dev/null; then
  check "no warnings, by clang" cmake -S . -B build/clang -DCMAKE_C_COMPILER=clang -DRESELLER_WERROR=ON
  check "no warnings, by clang (build)" cmake --build build/clang --target all unit bench
fi

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
