--- Everything the sandbox is but for its sockets: both platforms, the date, the limit, the books and
--- the armed faults. Time is passed in, so that a simulation can drive it as well as a server.

local activeplatform = require "reseller.sandbox.activeplatform"
local calendar = require "reseller.sandbox.calendar"
local faults = require "reseller.sandbox.faults"
local ghostealth = require "reseller.sandbox.ghostealth"
local journal = require "reseller.sandbox.journal"
local kinds = require "reseller.sandbox.fault_kinds"
local limiter = require "reseller.sandbox.limiter"
local platform = require "reseller.sandbox.platform"
local settings = require "reseller.sandbox.settings"
local text = require "reseller.sandbox.text"
local wire = require "reseller.sandbox.wire"

local world = {}

-- The second in which the subscription of Ghostealth's sample begins.
local START = "2026-03-10T06:30:48Z"

---@class reseller.sandbox.World
---@field settings reseller.sandbox.settings
---@field charges reseller.sandbox.Book
---@field requests reseller.sandbox.Book
---@field faults reseller.sandbox.Faults
---@field calendar reseller.sandbox.Calendar
local World = {}
World.__index = World
World.__name = "reseller.sandbox.world"

---@class reseller.sandbox.world.options : reseller.sandbox.settings
---@field rows table[]  `core.endpoints()`
---@field platforms table<string, table>  `core.platforms()`
---@field monotonic fun(): number  seconds that never jump
---@field wall fun(): number  seconds since the Unix epoch, for HTTP dates
---@field seed? integer
---@field start? string  first date, such as 2026-03-10T06:30:48Z
---@field subscriptions? integer  of Ghostealth
---@field child_subscriptions? integer  of ActivePlatform
---@field credentials? table<string, string|string[]>  by platform, instead of the sandbox's own

--- Raises for an option that is not fit, at the caller's level.
---@param options reseller.sandbox.world.options
---@return reseller.sandbox.World
function world.new(options)
  local self = setmetatable({ options_ = options }, World)
  local start_ms, why = calendar.parse(options.start or START)
  why = why or settings.fault(world.settings_in(options))
  if why then error(why, 2) end
  self.start_ms_ = start_ms
  self:reset()
  return self
end

--- Those of the options that are settings.
---@param options table
---@return table
function world.settings_in(options)
  local chosen = {}
  for name, value in pairs(options) do
    if settings.has(name) then chosen[name] = value end
  end
  return chosen
end

function World:credentials_(name)
  local given = (self.options_.credentials or {})[name]
  if type(given) == "string" then return { given } end
  return given or { self.options_.platforms[name].sandbox_credential }
end

function World:add_platform_(name, machine, limited)
  self.platforms_[#self.platforms_ + 1] = platform.new {
    row = self.options_.platforms[name],
    rows = self.options_.rows,
    machine = machine,
    credentials = self:credentials_(name),
    limited = limited,
  }
end

function World:build_machines_()
  local options = self.options_
  local function now() return self.calendar:now() end
  self.ghostealth = ghostealth.new {
    now = now,
    seed = self.seed,
    subscriptions = options.subscriptions,
    key = self:credentials_("ghostealth")[1],
    charge = function(...) self:record_charge_(...) end,
  }
  self.activeplatform = activeplatform.new {
    now = now,
    seed = self.seed,
    subscriptions = options.child_subscriptions,
  }
  self.platforms_ = {}
  self:add_platform_("ghostealth", self.ghostealth, function(key) return self:limited_(key) end)
  self:add_platform_("activeplatform", self.activeplatform)
end

--- Back to how it all began, with empty books and no faults.
---@param seed? integer
function World:reset(seed)
  self.seed = seed or self.options_.seed or 1
  self.started_ = self.options_.monotonic()
  self.calendar = calendar.new(self.start_ms_, self.options_.monotonic)
  self.charges, self.requests = journal.new(), journal.new()
  self.faults = faults.new()
  self:build_machines_()
  self.settings = settings.defaults(self.options_.platforms.ghostealth.limit)
  self.limiter = limiter.new(self.settings)
  self:set(world.settings_in(self.options_))
end

local OF_LIMIT = { limit = true, window = true, requests = true, count = true }

local function touches_limit(changes)
  for name in pairs(changes) do
    if OF_LIMIT[name] then return true end
  end
  return false
end

--- Changes settings; a change of the limit forgets what was counted.
---@param changes table<string, any>
---@return boolean? ok
---@return string? err  nothing was changed
function World:set(changes)
  local why = settings.fault(changes)
  if why then return nil, why end
  for name, value in pairs(changes) do
    self.settings[name] = value
  end
  if touches_limit(changes) then self.limiter = limiter.new(self.settings) end
  self.ghostealth:set_list_shape(self.settings.list_shape)
  self.activeplatform:set_error_shape(self.settings.error_shape)
  if changes.balance then self.ghostealth:set_balance(changes.balance) end
  self.settings.balance = nil
  return true
end

--- Seconds since the start or the last reset, on the clock that limits.
---@return number
function World:clock()
  return self.options_.monotonic() - self.started_
end

function World:retry_after_(wait)
  local shape = self.settings.retry_after
  if shape == "none" then return false end
  if shape == "date" then return wire.date(self.options_.wall() + math.ceil(wait)) end
  return ("%d"):format(math.ceil(wait))
end

function World:limited_(key)
  if not self.settings.limit then return nil end
  local wait = self.limiter:admit(key, self.options_.monotonic())
  return wait and self:retry_after_(wait)
end

function World:record_charge_(endpoint, subject, amount, currency)
  self.charges:add {
    at = self.calendar:now(),
    clock = self:clock(),
    endpoint = endpoint,
    subject = subject,
    amount = amount,
    currency = currency,
    request = self.current_ and self.current_.seq,
  }
end

function World:owner_of_(path)
  for _, candidate in ipairs(self.platforms_) do
    if candidate:owns(path) then return candidate end
  end
end

local MASK = "***"

-- The value of a header with the credential in it left out.
local function masked(platforms, name, value)
  for _, row in pairs(platforms) do
    local header, before = row.auth_header:match("^([^:]+): (.*)$")
    if header:lower() == name then return value:sub(1, #before) == before and before .. MASK or MASK end
  end
  return text.printable(value)
end

function World:masked_headers_(headers)
  local shown = {}
  for name, value in pairs(headers) do
    shown[text.printable(name)] = masked(self.options_.platforms, name, value)
  end
  return shown
end

function World:record_request_(head, row)
  return self.requests:add {
    at = self.calendar:now(),
    clock = self:clock(),
    connection = head.connection,
    method = head.method,
    path = text.printable(head.path),
    query = head.query,
    headers = self:masked_headers_(head.headers),
    body = "",
    platform = row and row.platform,
    endpoint = row and row.id,
    executed = false,
  }
end

-- What faults are matched against.
local function where(method, path, row)
  return { method = method, path = path, platform = row and row.platform, endpoint = row and row.id }
end

---@class reseller.sandbox.exchange
---@field entry table  its record in the book of requests
---@field plan reseller.sandbox.plan  what goes wrong
---@field private head_ table
---@field private owner_? reseller.sandbox.Platform

--- Notes a request whose head has arrived and decides what goes wrong with it.
---@param head { method: string, target: string, headers: table<string, string>, connection?: integer }
---@return reseller.sandbox.exchange
function World:open(head)
  head.path, head.query, head.fault = text.parse_target(head.target)
  local owner = self:owner_of_(head.path)
  local row = owner and owner:row(head.method, head.path)
  local entry = self:record_request_(head, row)
  local plan = self.faults:take(where(head.method, head.path, row))
  entry.fault = plan.fault and plan.fault.kind
  return { entry = entry, plan = plan, head_ = head, owner_ = owner }
end

local NOWHERE = { ["content-type"] = "application/json" }

local function refuse(exchange, status, message)
  if exchange.owner_ then return exchange.owner_:refuse(status, message) end
  return { status = status, headers = NOWHERE, body = '{"message":"Not found."}' }
end

-- Carries the request out, unless a fault comes before that.
function World:act_(exchange)
  local fault, head = exchange.plan.fault, exchange.head_
  if fault and fault.when == "before" then return refuse(exchange, 503, "Service unavailable.") end
  if not exchange.owner_ then return refuse(exchange, 404) end
  head.oddity = exchange.plan.oddity
  self.current_ = exchange.entry
  local reply = exchange.owner_:handle(head)
  self.current_ = nil
  exchange.entry.executed = reply.status < 300
  return reply
end

--- Answers a request whose body has arrived.
---@param exchange reseller.sandbox.exchange
---@param body string
---@return reseller.sandbox.delivery
function World:answer(exchange, body)
  exchange.head_.body = body
  exchange.entry.body = text.printable(body)
  local reply, fault = self:act_(exchange), exchange.plan.fault
  local delivery = { reply = reply }
  if fault then
    local function refusal(status) return refuse(exchange, status, "Service unavailable.") end
    delivery = kinds.deliver(fault, reply, refusal)
  end
  exchange.entry.status = delivery.reply and delivery.reply.status
  return delivery
end

--- Answers a request as if it came and went on its own connection, faults of sockets left out.
---@param head { method: string, target: string, headers: table<string, string> }
---@param body? string
---@return reseller.sandbox.reply? reply  nil when a fault leaves none
function World:handle(head, body)
  return self:answer(self:open(head), body or "").reply
end

return world
