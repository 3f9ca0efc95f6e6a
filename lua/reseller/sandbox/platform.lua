--- The front of one platform: finds the row, checks what every request must have, limits, and hands
--- what is left to the platform's machine. No sockets, no clock of its own.

local parameters = require "reseller.sandbox.parameters"
local router = require "reseller.sandbox.router"

---@class reseller.sandbox.request
---@field method string
---@field path string  percent-encoded, without the query
---@field query table<string, string>  decoded
---@field fault? string  what is wrong with the query
---@field headers table<string, string>  names in lower case
---@field body string
---@field oddity? table  how a list misbehaves, from an armed `page` fault

---@class reseller.sandbox.reply
---@field status integer
---@field headers table<string, string>
---@field body string

--- What a platform's machine offers: handlers by row id, and its style of errors.
---@class reseller.sandbox.Machine
---@field handlers table<string, fun(machine, args: table, request: table): integer, string>  status, body
---@field invalid_status integer  for parameters that are against the row
---@field failure fun(machine, status: integer, message: string): string

local platform = {}

---@class reseller.sandbox.Platform
---@field private row_ table
---@field private machine_ reseller.sandbox.Machine
---@field private router_ reseller.sandbox.Router
---@field private keys_ table<string, boolean>
---@field private limited_ fun(key: string): string?, boolean?
local Platform = {}
Platform.__index = Platform
Platform.__name = "reseller.sandbox.platform"

local function rows_of(rows, name)
  local chosen = {}
  for _, row in ipairs(rows) do
    if row.platform == name then chosen[#chosen + 1] = row end
  end
  return chosen
end

local function set_of(items)
  local set = {}
  for _, item in ipairs(items) do
    set[item] = true
  end
  return set
end

---@class reseller.sandbox.platform.options
---@field row table  row of `core.platforms()`
---@field rows table[]  `core.endpoints()`
---@field machine reseller.sandbox.Machine
---@field credentials? string[]  instead of the platform's sandbox credential
---@field limited? fun(key: string): string|false|nil  Retry-After, false for none, nil when admitted

---@param options reseller.sandbox.platform.options
---@return reseller.sandbox.Platform
function platform.new(options)
  return setmetatable({
    row_ = options.row,
    machine_ = options.machine,
    router_ = router.new(options.row, rows_of(options.rows, options.row.name)),
    keys_ = set_of(options.credentials or { options.row.sandbox_credential }),
    limited_ = options.limited or function() end,
  }, Platform)
end

---@param path string
---@return boolean
function Platform:owns(path)
  return self.router_:owns(path)
end

--- The row a request addresses, nil when there is none.
---@return table?
function Platform:row(method, path)
  return (self.router_:find(method, path))
end

--- A refusal in the platform's style.
---@param status integer
---@param message string
---@param headers? table<string, string>
---@return reseller.sandbox.reply
function Platform:refuse(status, message, headers)
  local all = { ["content-type"] = self.row_.media_type }
  for name, value in pairs(headers or {}) do
    all[name] = value
  end
  return { status = status, headers = all, body = self.machine_:failure(status, message) }
end

-- The key that a request carries, exactly as the platform wants it written.
function Platform:key_of_(request)
  local name, before = self.row_.auth_header:match("^([^:]+): (.*)$")
  local value = request.headers[name:lower()]
  if value and value:sub(1, #before) == before then return value:sub(#before + 1), name end
  return nil, name
end

function Platform:authorize_(request)
  local key, name = self:key_of_(request)
  if key and self.keys_[key] then return nil, key end
  return self:refuse(401, ("%s: missing or wrong"):format(name))
end

function Platform:limit_(key)
  local retry_after = self.limited_(key)
  if retry_after == nil then return nil end
  return self:refuse(429, "Too many requests.", { ["retry-after"] = retry_after or nil })
end

local function media_fault(row, headers)
  if (headers["content-type"] or ""):lower() ~= row.media_type then
    return 415, "Content-Type: expected " .. row.media_type
  end
  if row.jsonapi and (headers.accept or ""):lower() ~= row.media_type then
    return 406, "Accept: expected " .. row.media_type
  end
end

-- A PUT without a body says so: nothing may wait for bytes that never come.
local function length_fault(row, request)
  if parameters.has_body(row) then return nil end
  if request.body ~= "" or request.headers["transfer-encoding"] then
    return 400, "the request takes no body"
  end
  local length = request.headers["content-length"]
  if row.method ~= "GET" and length ~= "0" then return 411, "Content-Length: expected 0" end
end

function Platform:check_form_(row, request)
  local status, message = media_fault(self.row_, request.headers)
  if not status then status, message = length_fault(row, request) end
  if not status and request.fault then status, message = 400, request.fault end
  if status then return self:refuse(status, message) end
end

local function status_of(machine, refusal)
  if refusal.kind == "absent" then return 404 end
  return refusal.kind == "malformed" and 400 or machine.invalid_status
end

function Platform:run_(row, names, request)
  local handler = self.machine_.handlers[row.id]
  if not handler then
    return self:refuse(501, ("%s.%s: not in the sandbox yet"):format(row.platform, row.id))
  end
  local args, refusal = parameters.read(row, request, names)
  if not args then return self:refuse(status_of(self.machine_, refusal), refusal.message) end
  local status, body = handler(self.machine_, args, request)
  return { status = status, headers = { ["content-type"] = self.row_.media_type }, body = body }
end

--- Answers a request under one of the platform's roots.
---@param request reseller.sandbox.request
---@return reseller.sandbox.reply
function Platform:handle(request)
  local row, found = self.router_:find(request.method, request.path)
  if not row and found == "" then return self:refuse(404, "Not found.") end
  if not row then return self:refuse(405, "Method not allowed.", { allow = found }) end
  if request.headers.expect then return self:refuse(417, "Expect: not supported") end
  local refusal, key = self:authorize_(request)
  refusal = refusal or self:limit_(key) or self:check_form_(row, request)
  return refusal or self:run_(row, found, request)
end

return platform
