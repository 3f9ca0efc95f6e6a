--- Faults that were armed, and which of them a request sets off.

local kinds = require "reseller.sandbox.fault_kinds"

local faults = {}

-- Checks of what a fault may hold apart from what its kind wants.
local COMMON = {
  kind = "string",
  endpoint = "string",
  platform = "string",
  method = "string",
  path = "string",
  after = "count",
  times = "count",
  when = "string",
}

local checks = {
  string = function(value) return type(value) == "string" end,
  number = function(value) return type(value) == "number" and value >= 0 end,
  count = function(value) return type(value) == "number" and value >= 0 and value % 1 == 0 end,
  integer = function(value) return type(value) == "number" and value % 1 == 0 end,
  status = function(value)
    return type(value) == "number" and value >= 200 and value <= 599 and value % 1 == 0
  end,
  boolean = function(value) return type(value) == "boolean" end,
  table = function(value) return type(value) == "table" end,
}

local function wrong_field(kind, name, value)
  local check = COMMON[name] or kind.takes[name]
  if not check then return ("%s: unknown in a fault"):format(tostring(name)) end
  if not checks[check](value) then
    return ("%s: expected a %s, got %s"):format(name, check, tostring(value))
  end
end

local function wrong_time(kind, when)
  local known = when == nil or when == "before" or when == "after"
  if known and (not kind.only or (when or kind.only) == kind.only) then return nil end
  return ("when: expected %s, got %s"):format(kind.only or "before or after", when)
end

local function wrong(fault)
  if type(fault) ~= "table" then return "fault: expected an object" end
  local kind = kinds.find(fault.kind)
  if not kind then return ("kind: no fault is called %s"):format(tostring(fault.kind)) end
  for name, value in pairs(fault) do
    local why = wrong_field(kind, name, value)
    if why then return why end
  end
  for _, name in ipairs(kind.needs) do
    if fault[name] == nil then return ("%s: required for a fault of kind %s"):format(name, fault.kind) end
  end
  return wrong_time(kind, fault.when)
end

---@class reseller.sandbox.Faults
---@field private armed_ table[]
local Faults = {}
Faults.__index = Faults
Faults.__name = "reseller.sandbox.faults"

---@return reseller.sandbox.Faults
function faults.new()
  return setmetatable({ armed_ = {} }, Faults)
end

local function arm(fault)
  local armed = { left_ = fault.times or 1, skip_ = fault.after or 0 }
  for name, value in pairs(fault) do
    armed[name] = value
  end
  armed.when = fault.when or kinds.find(fault.kind).when
  return armed
end

--- Arms faults, after those that are armed already.
---@param list table[]
---@return boolean? ok
---@return string? err  nothing was armed
function Faults:arm(list)
  for _, fault in ipairs(list) do
    local why = wrong(fault)
    if why then return nil, why end
  end
  for _, fault in ipairs(list) do
    table.insert(self.armed_, arm(fault))
  end
  return true
end

--- Disarms all.
function Faults:clear()
  self.armed_ = {}
end

local function is_public(name)
  return not name:find("_$")
end

--- What is armed, with what is left of it.
---@return table[]
function Faults:list()
  local shown = {}
  for i, fault in ipairs(self.armed_) do
    shown[i] = { times = fault.left_, after = fault.skip_ }
    for name, value in pairs(fault) do
      if is_public(name) and not shown[i][name] then shown[i][name] = value end
    end
  end
  return shown
end

-- `where`: endpoint, platform, method and path of a request.
local function matches(fault, where)
  return (not fault.endpoint or fault.endpoint == where.endpoint)
    and (not fault.platform or fault.platform == where.platform)
    and (not fault.method or fault.method == where.method)
    and (not fault.path or where.path:sub(1, #fault.path) == fault.path)
end

-- Whether a matching fault goes off this time; counts down.
local function fires(fault)
  if fault.skip_ > 0 then
    fault.skip_ = fault.skip_ - 1
    return false
  end
  fault.left_ = fault.left_ - 1
  return true
end

-- Delays and odd pages go along with any other fault.
local function combines(fault)
  return fault.kind == "delay" or fault.kind == "page"
end

local function put(plan, fault)
  if fault.kind == "delay" then
    local slot = fault.when == "before" and "delay_before" or "delay_after"
    plan[slot] = plan[slot] + fault.seconds
  elseif fault.kind == "page" then
    plan.oddity = fault
  else
    plan.fault = fault
  end
end

function Faults:drop_spent_()
  for i = #self.armed_, 1, -1 do
    if self.armed_[i].left_ <= 0 then table.remove(self.armed_, i) end
  end
end

---@class reseller.sandbox.plan
---@field delay_before number  seconds
---@field delay_after number  seconds
---@field oddity? table  fault of kind `page`
---@field fault? table  any other fault; the first that goes off, the rest stay armed

--- What goes wrong with a request.
---@param where { endpoint?: string, platform?: string, method: string, path: string }
---@return reseller.sandbox.plan
function Faults:take(where)
  local plan = { delay_before = 0, delay_after = 0 }
  for _, fault in ipairs(self.armed_) do
    local free = combines(fault) or not plan.fault
    if free and matches(fault, where) and fires(fault) then put(plan, fault) end
  end
  self:drop_spent_()
  return plan
end

return faults
