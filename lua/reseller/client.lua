--- Clients: one method for each endpoint of a platform, made from the endpoint table.
local core = require "reseller.core"
local config = require "reseller.config"
local errors = require "reseller.errors"
local exchange = require "reseller.exchange"
local guard = require "reseller.ledger.guard"
local host = require "reseller.host"
local json = require "reseller.json"
local nearest = require "reseller.nearest"
local pages = require "reseller.pages"
local reply = require "reseller.reply"
local request = require "reseller.request"
local retry = require "reseller.retry"
local limiter = require "reseller.limiter"
local terms = require "reseller.ledger.terms"

local prepare, send = core.prepare, exchange.send
local unpack = table.unpack or unpack -- luacheck: ignore 113 143

---@class reseller.Client
---@field platform string
---@field base_url string
local Client = {}

--- A text without the client's secrets.
function Client:mask_(text) return self.session_:mask(text) end

--- Closes the connections. Calling the client afterwards raises an error of kind `closed`.
function Client:close() self.session_:close() end

local function invalid(client, row, field, message)
  return nil, errors.new { kind = "invalid", endpoint = row.id, platform = client.platform, field = field,
    message = client:mask_(message) }
end

local function check_open(client, row)
  if not client.session_:is_open() then
    error(errors.new { kind = "closed", endpoint = row.id, platform = client.platform,
      message = "the client was closed" }, 0)
  end
end

--- The refusal of a parameter that the row does not know.
local function unknown_parameter(client, row, field)
  local names = {}
  for _, param in ipairs(row.params) do
    if param.place ~= "path" or param.option then names[#names + 1] = param.name end
  end
  for _, name in ipairs(reply.once(row.effect) and terms.of(row) or {}) do names[#names + 1] = name end
  local near = nearest(field, names)
  local hint = near and ("did you mean `%s`?"):format(near)
    or #names > 0 and "known are " .. table.concat(names, ", ") or "it takes none"
  return invalid(client, row, field, ("%s: unknown parameter; %s"):format(field, hint))
end

--- Encodes the body as the platform wants it.
local function encode(client, body)
  if client.jsonapi_ then body = { data = { attributes = body } } end
  return json.encode(body)
end

local function unprepared(client, row, field, expected, shown)
  if not expected then return unknown_parameter(client, row, field) end
  return invalid(client, row, field, ("%s: expected %s, got %s"):format(field, expected, shown))
end

--- A call that may not be made twice goes the way of the guard.
local function call_once(client, row, params, ...)
  local rest, found, field, fault = terms.take(client, row, params)
  if not found then return invalid(client, row, field, fault) end
  local target, body, expected, shown = prepare(row.index, client.defaults_, rest, ...)
  if not target then return unprepared(client, row, body, expected, shown) end
  local text = body and encode(client, body)
  return guard.run(client, terms.call(client, row, found, rest, body, ...), function(before)
    return send(client, row, target, text, before)
  end)
end

local function call(client, row, params, ...)
  check_open(client, row)
  if reply.once(row.effect) then return call_once(client, row, params, ...) end
  guard.begin(client, row)
  local target, body, expected, shown = prepare(row.index, client.defaults_, params, ...)
  if not target then return unprepared(client, row, body, expected, shown) end
  return send(client, row, target, body and encode(client, body))
end

local function check_arguments(row, count, params, extra)
  if extra > 0 then
    error(("%s: expected at most %d arguments, got %d"):format(row.id, count + 1, count + 1 + extra), 3)
  end
  if params ~= nil and type(params) ~= "table" then
    error(("%s: expected a table of parameters, got a %s"):format(row.id, type(params)), 3)
  end
end

--- How many path parameters come before the table with the rest.
local function positions(row)
  local count = 0
  for _, param in ipairs(row.params) do
    if param.place == "path" and not param.option then count = count + 1 end
  end
  return count
end

--- The method of a row: path parameters first, then a table with the rest.
local function method(row)
  local count = positions(row)
  if count == 0 then
    return function(self, params, ...)
      check_arguments(row, 0, params, select("#", ...))
      return call(self, row, params)
    end
  end
  return function(self, ...)
    local params = select(count + 1, ...)
    check_arguments(row, count, params, math.max(0, select("#", ...) - count - 1))
    return call(self, row, params, ...)
  end
end

--- Seconds until `count` more calls are through, as far as the limit is concerned.
---@param count integer
---@return number? seconds nil when the store of the limit cannot be asked
---@return string? why
function Client:eta(count) return self.limiter_:eta(count) end

--- The iterator of a row with pages: arguments as for its list.
local function iterator(row, list)
  local count = positions(row)
  return function(self, ...)
    local arguments = { ... }
    return pages.each(row, self.host_, function(params)
      arguments[count + 1] = params
      return list(self, unpack(arguments, 1, count + 1))
    end, arguments[count + 1])
  end
end

--- Makes a request that the endpoint table does not know. It counts as a spend, which is sent at most once,
--- unless `effect` says otherwise.
---@param spec reseller.Request
---@return any value
---@return reseller.Meta|reseller.Error
function Client:request(spec)
  if type(spec) ~= "table" then error("request: expected a table, got a " .. type(spec), 2) end
  local this = { id = "request" }
  check_open(self, this)
  local row, target, expected, near = request.read(self.platform, spec)
  if not row then
    local field = target
    if expected then
      local shown = tostring(spec[field])
      return invalid(self, this, field, ("%s: expected %s, got %s"):format(field, expected, shown))
    end
    local hint = near and ("; did you mean `%s`?"):format(near) or ""
    return invalid(self, this, field, ("%s: unknown field%s"):format(field, hint))
  end
  local body, fault
  if spec.body ~= nil then
    body, fault = json.encode(spec.body)
    if not body then return invalid(self, this, "body", "body: expected what JSON can hold, got " .. fault) end
  end
  if not reply.once(row.effect) then return send(self, row, target, body) end
  fault = terms.key_fault(self, spec.key)
  if fault then return invalid(self, this, "key", fault) end
  return guard.run(self, terms.request(self, row, spec.key, target, body), function(before)
    return send(self, row, target, body, before)
  end)
end

--- The class of a platform's clients, with a method for each of its rows.
local function class(platform, rows)
  local methods, by_id = {}, {}
  for name, fn in pairs(Client) do methods[name] = fn end
  methods.rows_ = by_id
  for _, row in ipairs(rows) do
    if row.platform == platform.name then
      by_id[row.id] = row
      methods[row.id] = method(row)
      if row.paging then methods[pages.name(row.id)] = iterator(row, methods[row.id]) end
    end
  end
  local name = "reseller." .. platform.name
  return {
    __name = name, __index = methods,
    __tostring = function(self) return ("%s (%s)"):format(name, self.base_url) end,
  }
end

--- Makes the function that makes clients of a platform.
---@param platform table
---@param rows table
---@return fun(options?: reseller.Options): reseller.Client
return function(platform, rows)
  local metatable = class(platform, rows)
  return function(options)
    if options ~= nil and type(options) ~= "table" then
      error(("reseller.%s: expected a table of options, got a %s"):format(platform.name, type(options)), 2)
    end
    local settings, session = config.read(platform, options or {}, 2)
    local client = {
      platform = platform.name, base_url = settings.base_url, session_ = session, host_ = settings.host or host.auto,
      timeout_ = settings.timeout, retries_ = settings.retries, patience_ = settings.patience,
      budget_ = retry.budget(), random_ = math.random, keep_null_ = settings.keep_null,
      on_event_ = settings.on_event, on_wait_ = settings.on_wait, jsonapi_ = platform.jsonapi,
      credential_hint_ = platform.credential_hint, defaults_ = { reseller_id = settings.reseller_id },
      ledger_ = settings.ledger, cap_ = settings.cap,
      account_ = settings.ledger and session:fingerprint("ledger " .. platform.name):sub(1, 16),
    }
    local why
    client.limiter_, why = limiter.new(client, settings.limit, settings.patience, settings.on_wait)
    if not client.limiter_ then error(("reseller.%s: %s"):format(platform.name, why), 2) end
    return setmetatable(client, metatable)
  end
end
