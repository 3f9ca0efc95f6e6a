--- GET /metrics: counters and the present state, in the text format of Prometheus (version 0.0.4).
-- luacheck: std min+ngx_lua
local answer = require "desk.answer"
local cache = require "desk.cache"
local metrics = require "desk.metrics"
local platform = require "desk.platform"
local settings = require "desk.settings"

local scrape = {}

--- Counted as it happens, by all workers.
local counted = {
  { "reseller_calls_total", "counter", "Calls by endpoint and by what they came to." },
  { "reseller_requests_total", "counter", "Requests sent, by endpoint and by HTTP status or what went wrong." },
  { "reseller_request_duration_seconds", "histogram", "Time that requests took on the wire." },
  { "reseller_waits_total", "counter", "Waits by reason." },
  { "reseller_wait_seconds_total", "counter", "Time waited, by reason." },
  { "desk_fleet_refreshes_total", "counter", "Looks at the fleet by result." },
  { "desk_webhooks_total", "counter", "Webhooks by the status they were answered with." },
}

local function samples(name, labelled)
  local all = {}
  for labels, value in pairs(labelled) do all[metrics.sample(name, unpack(labels))] = value end
  return all
end

local function one(name, value) return { [name] = value } end

--- How many requests could be sent at once now. The limit tells how long so many would take.
local function free_leases(gs)
  for count = 1, settings.limit.requests do
    local wait = gs:eta(count)
    if not wait then return nil end
    if wait > 0 then return count - 1 end
  end
  return settings.limit.requests
end

local function statuses(fleet)
  local counts = {}
  for _, sub in ipairs(fleet.subscriptions) do counts[sub.status] = (counts[sub.status] or 0) + 1 end
  local labelled = {}
  for status, count in pairs(counts) do labelled[{ "status", status }] = count end
  return labelled
end

--- How many calls of the ledger nobody knows the outcome of; nil when it cannot be read.
local function unknowns()
  local ok, count = pcall(platform.unknowns)
  return ok and count or nil
end

--- Families of what is true now: what cannot be told is left out.
local function present(families)
  local all = {}
  local function add(name, help, values) all[#all + 1] = { name, "gauge", help, values } end
  local gs, fleet, unknown = platform.client(), cache.read(), unknowns()
  local free = gs and free_leases(gs)
  add("reseller_calls_in_flight", "Calls under way.", one("reseller_calls_in_flight", metrics.in_flight(families)))
  if free then
    add("reseller_limit_leases", "Requests that the limit allows: free, and in use or cooling down.",
      samples("reseller_limit_leases", { [{ "state", "free" }] = free,
        [{ "state", "used" }] = settings.limit.requests - free }))
    add("reseller_limit_wait_seconds", "How long the next request would wait for the limit.",
      one("reseller_limit_wait_seconds", gs:eta(1)))
  end
  add("reseller_ledger_up", "Whether the ledger can be read.", one("reseller_ledger_up", unknown and 1 or 0))
  if unknown then
    add("reseller_ledger_unknown", "Calls that may or may not have been carried out.",
      one("reseller_ledger_unknown", unknown))
  end
  if fleet then
    add("desk_fleet_age_seconds", "Time since the fleet was looked at.",
      one("desk_fleet_age_seconds", math.max(0, ngx.time() - fleet.fetched_at)))
    add("desk_fleet_subscriptions", "Subscriptions by status.", samples("desk_fleet_subscriptions", statuses(fleet)))
  end
  return all
end

--- Buckets in the order of their bounds, which is not that of their names.
local function before(a, b)
  local name_a, bound_a = a:match '^(.*)le="([^"]*)"}$'
  local name_b, bound_b = b:match '^(.*)le="([^"]*)"}$'
  if not name_a or name_a ~= name_b then return a < b end
  return (tonumber(bound_a) or math.huge) < (tonumber(bound_b) or math.huge)
end

local function write(lines, name, kind, help, values)
  local names = {}
  for sample in pairs(values) do names[#names + 1] = sample end
  if #names == 0 then return end
  table.sort(names, before)
  lines[#lines + 1] = ("# HELP %s %s"):format(name, help)
  lines[#lines + 1] = ("# TYPE %s %s"):format(name, kind)
  for _, sample in ipairs(names) do lines[#lines + 1] = ("%s %.15g"):format(sample, values[sample]) end
end

--- Answers the request.
function scrape.serve()
  answer.only("GET", "HEAD")
  local families, lines = metrics.families(), {}
  for _, family in ipairs(counted) do
    write(lines, family[1], family[2], family[3], families[family[1]] or {})
  end
  for _, family in ipairs(present(families)) do write(lines, unpack(family)) end
  return answer.text(200, "text/plain; version=0.0.4; charset=utf-8", table.concat(lines, "\n") .. "\n")
end

return scrape
