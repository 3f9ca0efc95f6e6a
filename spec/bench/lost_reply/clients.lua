--- The clients of lost_reply.lua, in the order of its table. `idle` is how many connections reads have left open,
--- `via` which nginx stands between, `probe` a command that succeeds where `package` is installed.
local HERE = "spec/bench/lost_reply/"
local BUILD = (os.getenv "RESELLER_BUILD" or "build") .. "/bench/lost_reply"
-- Debian's own: another python3 may come first in PATH, and not know its packages.
local PYTHON = "/usr/bin/python3"

local function libcurl(row)
  row.program, row.package, row.probe = BUILD, "libcurl4-openssl-dev", "test -x " .. BUILD
  return row
end

local function curl(row)
  row.program, row.package, row.probe = "sh " .. HERE .. "curl.sh", "curl", "curl --version"
  return row
end

local function requests(row)
  row.program = PYTHON .. " " .. HERE .. "python_requests.py"
  row.package, row.probe = "python3-requests", PYTHON .. " -c 'import requests'"
  return row
end

local function fetch(row)
  row.program, row.package, row.probe = "node " .. HERE .. "fetch.mjs", "nodejs", "node -e 'fetch'"
  return row
end

local function lua_http(row)
  row.program, row.package, row.probe = "lua5.4 " .. HERE .. "lua_http.lua", "lua-http", "true"
  return row
end

local function ours(row)
  row.program, row.package, row.probe = "lua5.4 " .. HERE .. "ours.lua", "lua5.4", "true"
  return row
end

---@class spec.bench.client
---@field name string
---@field setting string  how it is used
---@field idle integer
---@field program string
---@field mode? string  last argument of the program
---@field via? "plain"|"two_servers"|"keepalive"|"no_next"
---@field package string  of Debian
---@field probe string

---@type spec.bench.client[]
return {
  ours { name = "reseller", setting = "", idle = 1, mode = "inline" },
  ours { name = "reseller", setting = "inside `parallel`", idle = 8, mode = "parallel" },
  libcurl { name = "libcurl", setting = "easy handle", idle = 1, mode = "easy" },
  libcurl { name = "libcurl", setting = "multi handle", idle = 1, mode = "multi" },
  libcurl { name = "libcurl", setting = "multi handle", idle = 3, mode = "multi" },
  libcurl { name = "libcurl", setting = "multi handle", idle = 8, mode = "multi" },
  curl { name = "curl", setting = "", idle = 0 },
  curl { name = "curl", setting = "", idle = 1 },
  curl { name = "curl", setting = "`--retry 3`", idle = 0, mode = "--retry 3" },
  curl { name = "curl", setting = "`--retry 3 --retry-all-errors`", idle = 0, mode = "--retry 3 --retry-all-errors" },
  requests { name = "Python requests", setting = "", idle = 8 },
  requests { name = "Python requests", setting = "`Retry(total=3)`", idle = 8, mode = "retry" },
  fetch { name = "Node's fetch", setting = "", idle = 8 },
  lua_http { name = "lua-http", setting = "", idle = 0 },
  libcurl { name = "libcurl", setting = "through nginx", idle = 1, mode = "easy", via = "plain" },
  libcurl { name = "libcurl", setting = "through nginx, two servers", idle = 1, mode = "easy", via = "two_servers" },
  libcurl { name = "libcurl", setting = "through nginx, `keepalive`", idle = 8, mode = "multi", via = "keepalive" },
  ours { name = "reseller", setting = "through nginx", idle = 1, mode = "inline", via = "plain" },
  ours { name = "reseller", setting = "through nginx, two servers", idle = 1, mode = "inline", via = "two_servers" },
  ours { name = "reseller", setting = "through nginx, `keepalive`", idle = 8, mode = "parallel", via = "keepalive" },
  ours { name = "reseller", setting = "through nginx, `keepalive`, `proxy_next_upstream off`", idle = 8,
    mode = "parallel", via = "no_next" },
}
