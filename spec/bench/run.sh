#!/bin/sh
# Runs a measurement against a server on this machine: run.sh NAME [option of the server…].
# Without a name, lists them. What it prints are ratios, for other machines than this one too.
set -u
cd "$(dirname "$0")/../.." || exit 1
. spec/support/setup.sh

list() {
  echo "call   cost of a small call and of a page of 50, over bare libcurl and lua-cjson"
  echo "pages  573 pages 16 at a time, 20 ms away, over bare curl_multi and lua-cjson"
  echo "idle   latency of a call beside 1,000 that wait, over one alone"
  echo "limit  share of the limit that three processes get over a file of leases"
  echo "walk   memory while iterating over 100,000 subscriptions"
  echo "flat   memory and descriptors over 10,000 calls of all kinds"
  echo "leaks  300 such calls under valgrind; the I/O thread too, with the collector at its hardest"
  echo "races  the I/O thread under ThreadSanitizer"
  echo "nginx  latency and CPU of a call inside nginx, over a cosocket client and proxy_pass"
  echo "nginx-others  what other requests of a worker notice of calls, TLS connections and large replies"
  echo "nginx-memory  memory, descriptors and threads of a worker over 100,000 calls"
  echo "nginx-reload  requests that fail and charges that are doubled in 20 reloads under load"
  echo "nginx-exit    seconds until nginx ends, a name being looked up and at other moments (as root)"
  echo "nginx-limit   share of the limit that eight workers get, over a dictionary and over Redis"
  echo "loops  ticks that are late in cqueues and luv while 64 calls are in flight"
  echo "lost   how often one renewal is charged whose reply is lost, by client; --write: into README.md"
}

# run LUA ABI COMMAND… : one program with the modules of one Lua
run() {
  abi=$1
  shift
  LUA_PATH="./lua/?.lua;./lua/?/init.lua;;" \
    LUA_CPATH="./$folder/lib/lua/$abi/?.so;./$folder/bench/$abi/?.so;;" "$@" || failed=1
}

serve() {
  port_file=$(mktemp)
  mkfifo "$port_file.in"
  "$folder/bench/server" "$@" <"$port_file.in" >"$port_file" &
  server=$!
  exec 3>"$port_file.in"
  trap 'exec 3>&-; wait "$server"; rm -f "$port_file" "$port_file.in"' EXIT
  trap 'exit 1' INT TERM
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -s "$port_file" ] && break
    sleep 0.1
  done
  port=$(cat "$port_file")
  [ -n "$port" ] || exit 1
}

call() {
  run 5.4 lua5.4 spec/bench/call.lua "$port"
  run 5.1 luajit spec/bench/call.lua "$port"
}

pages() {
  run 5.4 lua5.4 spec/bench/pages.lua "$port"
  run 5.1 luajit spec/bench/pages.lua "$port"
}

idle() {
  ulimit -n 8192
  run 5.4 lua5.4 spec/bench/idle.lua "$port"
  run 5.1 luajit spec/bench/idle.lua "$port"
}

limit() {
  LUA_PATH="./lua/?.lua;./lua/?/init.lua;./?.lua;;" LUA_CPATH="./$folder/lib/lua/5.4/?.so;;" \
    lua5.4 spec/bench/limit.lua || failed=1
}

walk() {
  run 5.4 lua5.4 spec/bench/walk.lua "$port"
  run 5.1 luajit spec/bench/walk.lua "$port"
}

flat() {
  run 5.4 lua5.4 spec/bench/flat.lua "$port"
  run 5.1 luajit spec/bench/flat.lua "$port"
}

leaks() {
  need valgrind || exit 1
  run 5.4 valgrind -q --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=1 \
    lua5.4 spec/bench/flat.lua "$port" 300 1048576
  for mode in generational stop; do
    run 5.4 valgrind -q --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=1 \
      lua5.4 spec/bench/threads.lua "$port" 5 "$mode"
  done
}

# setarch -R: ThreadSanitizer cannot place its memory where addresses are too random
races() {
  plain=$folder
  folder=$plain/tsan
  build "$folder" -DRESELLER_THREAD_SANITIZE=ON || exit 1
  run 5.4 env LD_PRELOAD="$(gcc -print-file-name=libtsan.so)" TSAN_OPTIONS=exitcode=66 \
    setarch -R lua5.4 spec/bench/threads.lua "$port" 10
  folder=$plain
}

# in_nginx NAME [argument…] : a measurement that starts nginx. LUA_PATH may have clients to compare with.
in_nginx() {
  need libnginx-mod-http-lua nginx-light wrk lua-cqueues iproute2 procps || exit 1
  program=$1
  shift
  LUA_PATH="./lua/?.lua;./lua/?/init.lua;./?.lua;${LUA_PATH:-;}" LUA_CPATH="./$folder/lib/lua/5.4/?.so;;" \
    lua5.4 "spec/bench/$program.lua" "$@" || failed=1
}

# in_silence : with a name server that never answers, of which the rest of the machine notices nothing
in_silence() {
  printf 'nameserver 127.0.0.1\noptions timeout:30 attempts:1\n' >"$folder/resolv.conf"
  LUA_PATH="./lua/?.lua;./lua/?/init.lua;./?.lua;;" LUA_CPATH="./$folder/lib/lua/5.4/?.so;;" \
    unshare -mn sh -c 'ip link set lo up && mount --bind "$0" /etc/resolv.conf && exec "$@"' \
    "$folder/resolv.conf" "$@" || failed=1
}

nginx() {
  in_nginx nginx "$@"
}

nginx_others() {
  need openssl ca-certificates || exit 1
  in_nginx nginx/others "$@"
}

nginx_memory() {
  in_nginx nginx/memory "$@"
}

nginx_reload() {
  need lua-sql-sqlite3 || exit 1
  in_nginx nginx/reload "$@"
}

nginx_exit() {
  need libnginx-mod-http-lua nginx-light lua-cqueues lua-sql-sqlite3 openssl iproute2 procps || exit 1
  in_silence lua5.4 spec/bench/nginx/exit.lua "$@"
}

nginx_limit() {
  need redis-server lua-nginx-redis || exit 1
  in_nginx nginx/limit "$@"
}

loops() {
  need lua-cqueues lua-luv || exit 1
  for lua in 5.4:lua5.4 5.1:luajit; do
    LUA_PATH="./lua/?.lua;./lua/?/init.lua;./?.lua;;" LUA_CPATH="./$folder/lib/lua/${lua%:*}/?.so;;" \
      "${lua#*:}" spec/bench/loops.lua "$@" || failed=1
  done
}

# Each client but ours may be missing: the table then goes without it.
lost() {
  need lua-http lua-cqueues || exit 1
  for package in curl python3-requests nginx-light nodejs; do
    need "$package" || say "cannot be had: $package"
  done
  run 5.4 env -u RESELLER_SANDBOX no_proxy='*' lua5.4 spec/bench/lost_reply.lua "$@"
}

name=${1:-}
case $name in
  nginx-others | nginx-memory | nginx-reload | nginx-exit | nginx-limit) name=nginx_${name#nginx-}; shift ;;
  lost | nginx | loops | call | idle | limit | walk | flat | leaks | races) shift ;;
  pages) shift; set -- --latency 20 "$@" ;;
  '') list; exit 0 ;;
  *) list; exit 2 ;;
esac

folder=${RESELLER_BUILD:-build}
failed=0
build "$folder" || exit 1
cmake --build "$folder" --target bench >"$folder/bench.log" 2>&1 || { cat "$folder/bench.log"; exit 1; }
case $name in
  lost | loops | nginx*) ;;
  *) serve "$@" ;;
esac
"$name" "$@"
exit "$failed"
