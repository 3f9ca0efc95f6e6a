--- Starts sandboxes for specs and talks to their control address. Runs on every Lua the specs run on;
--- the server itself always runs on Lua 5.4.
local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local json = require "reseller.json"

local START_SECONDS = 15
local CALL_SECONDS = 10
local POLL_SECONDS = 0.003
local CALL = "%s /_sandbox/%s HTTP/1.1\r\nhost: sandbox\r\ncontent-length: %d\r\n\r\n%s"

local sandbox = {}

---@class spec.Sandbox
---@field url string  the origin
---@field port integer
local Box = {}
Box.__index = Box
Box.__name = "spec.sandbox"

local function quote(value)
  if type(value) ~= "table" then
    return type(value) == "string" and ("%q"):format(value) or tostring(value)
  end
  local fields = {}
  for key, item in pairs(value) do
    fields[#fields + 1] = ("[%s]=%s"):format(quote(key), quote(item))
  end
  return "{" .. table.concat(fields, ",") .. "}"
end

local function shell_quote(text)
  return "'" .. text:gsub("'", [['\'']]) .. "'"
end

-- This process's search path as Lua 5.4 wants it.
local function path_for_server(path)
  return (path:gsub("/5%.[1-3]/", "/5.4/")) .. ";;"
end

local function command(options, errors)
  local script = ('assert(require("reseller.sandbox").run(%s))'):format(quote(options))
  local environment = ("LUA_PATH=%s LUA_CPATH=%s"):format(
    shell_quote("./lua/?.lua;./lua/?/init.lua;" .. path_for_server(package.path)),
    shell_quote("./build/lib/lua/5.4/?.so;" .. path_for_server(package.cpath))
  )
  return ("exec env -u LD_PRELOAD -u LUA_INIT -u LUA_PATH_5_4 -u LUA_CPATH_5_4 %s lua5.4 -e %s >/dev/null 2>%s"):format(
    environment,
    shell_quote(script),
    shell_quote(errors)
  )
end

local function read_file(path)
  local file = io.open(path)
  if not file then return "" end
  local content = file:read("*a")
  file:close()
  return content
end

-- The address, once the server has written it.
local function await(announced, errors)
  local deadline = cqueues.monotime() + START_SECONDS
  while cqueues.monotime() < deadline do
    local url = read_file(announced):match("^(%S+)\n")
    if url then return url end
    if read_file(errors) ~= "" then break end
    cqueues.sleep(POLL_SECONDS)
  end
  cqueues.sleep(POLL_SECONDS)
  return nil, "the sandbox did not start: " .. read_file(errors)
end

--- Starts a sandbox on a free port.
---@param options? table  those of `reseller.sandbox.run`
---@return spec.Sandbox
function sandbox.start(options)
  local announced, errors = os.tmpname(), os.tmpname()
  local all = { watch_stdin = true, announce = announced, quiet = true }
  all.credentials = { ghostealth = require("spec.support.clients").keys() }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  local pipe = assert(io.popen(command(all, errors), "w"))
  local url, why = await(announced, errors)
  local complaints = io.open(errors)
  os.remove(announced)
  os.remove(errors)
  if not url then
    pipe:close()
    error(why, 2)
  end
  local port = tonumber(url:match("%d+$"))
  return setmetatable({ url = url, port = port, pipe_ = pipe, complaints_ = complaints }, Box)
end

local shared

--- The sandbox that all specs of this process share, without a limit, as new.
---@return spec.Sandbox
function sandbox.shared()
  if not shared or not shared.pipe_ then shared = sandbox.start { limit = false } end
  shared:reset()
  return shared
end

--- Opens a connection for whatever a spec wants to send.
---@return table socket  of cqueues, binary, sending nothing before it is flushed
function Box:connect()
  local peer = socket.connect { host = "127.0.0.1", port = self.port, nodelay = true }
  peer:onerror(function(_, _, code) return code end)
  peer:setmode("b", "bf")
  peer:settimeout(CALL_SECONDS)
  assert(peer:connect())
  return peer
end

local function read_reply(peer)
  local status = (peer:read("*L") or ""):match("^HTTP/1.1 (%d+)")
  local length = 0
  for line in function() return peer:read("*l") end do
    if line == "\r" or line == "" then break end
    length = tonumber(line:lower():match("^content%-length: *(%d+)")) or length
  end
  local body = length > 0 and peer:read(length) or ""
  return tonumber(status), body
end

-- Sends a request on the connection that is kept for them: a new one for each would use up the ports.
function Box:exchange_(request)
  self.control_ = self.control_ or self:connect()
  self.control_:write(request)
  self.control_:flush()
  local status, body = read_reply(self.control_)
  if status then return status, body end
  self.control_:close()
  self.control_ = nil
end

function Box:call_(method, action, value)
  local body = value and assert(json.encode(value)) or ""
  local request = CALL:format(method, action, #body, body)
  local status, reply = self:exchange_(request)
  if not status then status, reply = self:exchange_(request) end
  if not status then error(("sandbox: no answer to %s"):format(action), 3) end
  local answer = json.decode(reply)
  if status ~= 200 then error("sandbox: " .. tostring(answer and answer.message or reply), 3) end
  return answer
end

--- Balance, counts, calendar, limiter, settings, armed faults.
---@return table
function Box:state()
  return self:call_("GET", "state")
end

--- What was charged, oldest first.
---@param since? integer  only those after this number
---@return table[]
function Box:charges(since)
  return self:call_("GET", "charges?since=" .. (since or 0))
end

--- What was asked, oldest first.
---@param since? integer  only those after this number
---@return table[]
function Box:requests(since)
  return self:call_("GET", "requests?since=" .. (since or 0))
end

--- As at the start: fleet, date, books, limit, settings; no faults.
---@param seed? integer
function Box:reset(seed)
  return self:call_("POST", "reset", { seed = seed })
end

local function to_hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

-- JSON cannot carry bytes that are not UTF-8.
local function portable(fault)
  local copy = {}
  for name, value in pairs(fault) do
    copy[name] = value
  end
  if fault.body and fault.body:find("[\128-\255]") then copy.body, copy.body_hex = nil, to_hex(fault.body) end
  return copy
end

--- Arms a fault, or a list of them; see `reseller.sandbox`.
---@param faults table
---@return table[] armed
function Box:fault(faults)
  local list = {}
  for i, fault in ipairs(faults.kind and { faults } or faults) do
    list[i] = portable(fault)
  end
  return self:call_("POST", "faults", json.array(list))
end

--- Disarms all faults.
function Box:clear_faults()
  return self:call_("DELETE", "faults")
end

--- Changes settings; see `reseller.sandbox`.
---@param changes table
---@return table settings
function Box:settings(changes)
  return self:call_("POST", "settings", changes)
end

--- Moves the date ahead.
---@param seconds number
---@return table calendar  `ms` and `date`
function Box:advance(seconds)
  return self:call_("POST", "advance", { seconds = seconds })
end

--- Ends the server and waits until it is gone. Shows what it complained of.
function Box:stop()
  if not self.pipe_ then return end
  pcall(self.call_, self, "POST", "stop")
  self.pipe_:close()
  self.pipe_ = nil
  io.stderr:write(self.complaints_:read("*a"))
  self.complaints_:close()
end

return sandbox
