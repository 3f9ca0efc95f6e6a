--- Counters that all workers share, in a lua_shared_dict: what was called, what was sent, and how long it took.
--- Each key is a sample as Prometheus reads it, name{labels}.
-- luacheck: std min+ngx_lua

local BUCKETS = { 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30 } -- seconds
local FORGET = 600 -- seconds without a call after which a worker that died is not counted any more

--- How many calls are under way, by worker.
local IN_FLIGHT = "reseller_calls_in_flight"

local metrics = {}

local dict = ngx.shared.desk_metrics

local escapes = { ["\\"] = "\\\\", ["\""] = "\\\"", ["\n"] = "\\n" }

--- A sample's name with its labels: pairs of name and value.
---@param name string
---@return string
function metrics.sample(name, ...)
  local labels, given = {}, { ... }
  for i = 1, #given, 2 do
    labels[#labels + 1] = ("%s=\"%s\""):format(given[i], tostring(given[i + 1]):gsub("[\\\"\n]", escapes))
  end
  return #labels > 0 and name .. "{" .. table.concat(labels, ",") .. "}" or name
end

--- Adds to a counter.
---@param by number
---@param name string
---@param ... string labels
function metrics.add(by, name, ...) dict:incr(metrics.sample(name, ...), by, 0) end

local function observe(name, seconds, label, value)
  for _, bound in ipairs(BUCKETS) do
    metrics.add(seconds <= bound and 1 or 0, name .. "_bucket", label, value, "le", bound)
  end
  metrics.add(1, name .. "_bucket", label, value, "le", "+Inf")
  metrics.add(seconds, name .. "_sum", label, value)
  metrics.add(1, name .. "_count", label, value)
end

--- For the client: after each attempt on the wire.
---@param event reseller.Event
function metrics.on_event(event)
  metrics.add(event.sends, "reseller_requests_total", "endpoint", event.endpoint, "code", event.status or event.kind)
  observe("reseller_request_duration_seconds", event.elapsed, "endpoint", event.endpoint)
end

--- For the client: before each wait.
---@param seconds number
---@param reason string
function metrics.on_wait(seconds, reason)
  metrics.add(1, "reseller_waits_total", "reason", reason)
  metrics.add(seconds, "reseller_wait_seconds_total", "reason", reason)
end

local function under_way(by)
  local key = metrics.sample(IN_FLIGHT, "worker", ngx.worker.pid())
  dict:incr(key, by, 0)
  dict:expire(key, FORGET)
end

local function verdict_of(ok, value, err)
  if ok and value ~= nil then return "ok" end
  local fault = ok and err or value
  return type(fault) == "table" and fault.kind or "error"
end

local function finish(endpoint, ok, ...)
  under_way(-1)
  metrics.add(1, "reseller_calls_total", "endpoint", endpoint, "verdict", verdict_of(ok, ...))
  if not ok then error((...), 0) end
  return ...
end

--- Makes a call and counts what it came to.
---@param endpoint string
---@param fn function
---@return any ... what the function returned
function metrics.call(endpoint, fn, ...)
  under_way(1)
  return finish(endpoint, pcall(fn, ...))
end

--- The family of a sample: a histogram has three kinds of them.
local function family_of(sample)
  local name = sample:match "^[%l_]+"
  return name:match "^(.*)_bucket$" or name:match "^(.*)_sum$" or name:match "^(.*)_count$" or name
end

--- All that was counted, by family: the value of each sample.
---@return table<string, table<string, number>>
function metrics.families()
  local all = {}
  for _, sample in ipairs(dict:get_keys(0)) do
    local name = family_of(sample)
    all[name] = all[name] or {}
    all[name][sample] = dict:get(sample)
  end
  return all
end

--- Calls under way in all workers.
---@param families table as of `metrics.families`
---@return integer
function metrics.in_flight(families)
  local sum = 0
  for _, count in pairs(families[IN_FLIGHT] or {}) do sum = sum + count end
  return sum
end

return metrics
