--- Clients: one method for each endpoint of a platform, made from the endpoint table.
local core = require "reseller.core"
local config = require "reseller.config"
local errors = require "reseller.errors"
local json = require "reseller.json"
local nearest = require "reseller.nearest"
local reply = require "reseller.reply"
local request = require "reseller.request"

local prepare = core.prepare

---@class reseller.Event
---@field platform string
---@field endpoint string
---@field effect string
---@field method string
---@field target string path and query below base_url
---@field attempt integer
---@field status? integer
---@field kind? string what went wrong when there is no status
---@field elapsed number seconds
---@field sends integer how often this attempt went on the wire

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
  local near = nearest(field, names)
  local hint = near and ("did you mean `%s`?"):format(near)
    or #names > 0 and "known are " .. table.concat(names, ", ") or "it takes none"
  return invalid(client, row, field, ("%s: unknown parameter; %s"):format(field, hint))
end

local function report(client, row, target, wire, sends)
  client.on_event_ {
    platform = client.platform, endpoint = row.id, effect = row.effect, method = row.method,
    target = client:mask_(target), attempt = 1, status = wire.status, kind = wire.kind, elapsed = wire.elapsed,
    sends = sends,
  }
end

--- Sends a checked request and judges the reply.
local function send(client, row, target, body)
  local session = client.session_
  local status, headers, text, elapsed, sends =
    session:perform(row.method, target, body, client.timeout_, reply.once(row.effect))
  local wire = { attempts = sends, elapsed = elapsed }
  if status then
    wire.status, wire.headers, wire.body = status, headers, text
  else
    wire.kind, wire.message = headers, text
  end
  if client.on_event_ then report(client, row, target, wire, sends) end
  return reply.judge(client, row, wire)
end

--- Encodes the body as the platform wants it.
local function encode(client, body)
  if client.jsonapi_ then body = { data = { attributes = body } } end
  return json.encode(body)
end

local function call(client, row, params, ...)
  check_open(client, row)
  local target, body, expected, shown = prepare(row.index, client.defaults_, params, ...)
  if not target then
    if not expected then return unknown_parameter(client, row, body) end
    return invalid(client, row, body, ("%s: expected %s, got %s"):format(body, expected, shown))
  end
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

--- The method of a row: path parameters first, then a table with the rest.
local function method(row)
  local count = 0
  for _, param in ipairs(row.params) do
    if param.place == "path" and not param.option then count = count + 1 end
  end
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

--- Makes a request that the endpoint table does not know. It counts as a spend, which is sent at most once,
--- unless `effect` says otherwise.
---@param spec {method: string, path: string, query?: table, body?: any, effect?: string}
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
  return send(self, row, target, body)
end

--- The class of a platform's clients, with a method for each of its rows.
local function class(platform, rows)
  local methods = {}
  for name, fn in pairs(Client) do methods[name] = fn end
  for _, row in ipairs(rows) do
    if row.platform == platform.name then methods[row.id] = method(row) end
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
    return setmetatable({
      platform = platform.name, base_url = settings.base_url, session_ = session, timeout_ = settings.timeout,
      keep_null_ = settings.keep_null, on_event_ = settings.on_event, jsonapi_ = platform.jsonapi,
      credential_hint_ = platform.credential_hint, defaults_ = { reseller_id = settings.reseller_id },
    }, metatable)
  end
end
