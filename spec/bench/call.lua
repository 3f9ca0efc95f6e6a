--- Measures what a call costs over bare libcurl with lua-cjson, the limiter aside.
--- Usage: call.lua PORT [ROUNDS]
local bare = require "bare"
local cjson = require "cjson"
local json = require "reseller.json"
local jsonapi = require "reseller.jsonapi"
local reseller = require "reseller"

local port, rounds = arg[1], tonumber(arg[2] or 11)
local origin = "http://127.0.0.1:" .. port

local gs = reseller.ghostealth { api_key = "GHO-benchbench-STEA-benchbench-LTH", base_url = origin .. "/dev/v1.0",
  limit = false, retries = 0 }
local ap = reseller.activeplatform { api_token = "bench-manager-token00", base_url = origin, reseller_id = 1,
  retries = 0 }

local page_url = origin .. "/api/v3/resellers/1/child_reseller_subscriptions?page%5Bsize%5D=50&page%5Bnumber%5D=1"
local gs_headers = { "Authorization: ApiKey GHO-benchbench-STEA-benchbench-LTH", "Content-Type: application/json",
  "Accept: application/json" }
local ap_headers = { "X-Api-Token: bench-manager-token00", "Content-Type: application/vnd.api+json",
  "Accept: application/vnd.api+json" }
local reseller_url = origin .. "/dev/v1.0/resellers"

local cases = {
  { name = "small call", calls = 500, target = 1.5,
    ours = function() return assert(gs:get_reseller()).balance end,
    bare = function() return cjson.decode(bare.get(reseller_url, gs_headers)).data.balance end },
  { name = "page of 50", calls = 100, target = 1.3,
    ours = function() return assert(ap:list_child_subscriptions())[50].id end,
    bare = function() return cjson.decode(bare.get(page_url, ap_headers)).data[50].id end },
}

--- Seconds of CPU and of wall time for so many calls.
local function time(calls, fn)
  collectgarbage()
  collectgarbage()
  local cpu, wall = os.clock(), bare.now()
  for _ = 1, calls do fn() end
  return os.clock() - cpu, bare.now() - wall
end

local function median(list)
  local sorted = {}
  for i = 1, #list do sorted[i] = list[i] end
  table.sort(sorted)
  return (sorted[math.ceil(#sorted / 2)] + sorted[math.floor(#sorted / 2) + 1]) / 2
end

local function measure(case)
  local cpu, wall, ours_us, bare_us = {}, {}, {}, {}
  time(case.calls, case.ours)
  time(case.calls, case.bare)
  for i = 1, rounds do
    local bare_cpu, bare_wall, ours_cpu, ours_wall
    if i % 2 == 0 then ours_cpu, ours_wall = time(case.calls, case.ours) end
    bare_cpu, bare_wall = time(case.calls, case.bare)
    if i % 2 == 1 then ours_cpu, ours_wall = time(case.calls, case.ours) end
    cpu[i], wall[i] = ours_cpu / bare_cpu, ours_wall / bare_wall
    ours_us[i], bare_us[i] = ours_cpu / case.calls * 1e6, bare_cpu / case.calls * 1e6
  end
  local ratio = median(cpu)
  print(("%-10s  CPU %.2f of bare (%.0f us to %.0f us; target %.1f, %s), wall %.2f"):format(case.name, ratio,
    median(ours_us), median(bare_us), case.target, ratio <= case.target and "met" or "missed", median(wall)))
  return ratio <= case.target
end

local function flatten(body)
  return jsonapi.flatten((json.decode(body)))
end

--- What the parts of a page cost. jsonapi.flatten uses its document up, so it is timed with json.decode, the
--- step before, which is then subtracted.
local function split(calls)
  local body = bare.get(page_url, ap_headers)
  local steps = {
    { "transfer", function() return bare.get(page_url, ap_headers) end },
    { "cjson.decode", function() return cjson.decode(body) end },
    { "json.decode", function() return json.decode(body) end },
    { "jsonapi.flatten", function() return flatten(body) end, 3 },
    { "the whole call", cases[2].ours },
  }
  local columns, parts = {}, {}
  for round = 1, rounds do
    local spent = {}
    for i, step in ipairs(steps) do
      spent[i] = time(calls, step[2]) / calls * 1e6
      columns[i] = columns[i] or {}
      columns[i][round] = spent[i] - (spent[step[3]] or 0)
    end
  end
  for i, step in ipairs(steps) do parts[i] = ("%s %.0f"):format(step[1], median(columns[i])) end
  print(("split of a page of %d bytes, us: %s"):format(#body, table.concat(parts, ", ")))
end

print(jit and jit.version or _VERSION) -- luacheck: ignore 113
local met = true
for _, case in ipairs(cases) do met = measure(case) and met end
split(cases[2].calls)
os.exit(met and 0 or 1, true)
