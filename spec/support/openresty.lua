--- Starts examples/openresty as its users do, and asks it for what it has.
local core = require "reseller.core"
local cqueues = require "cqueues"
local hmac = require "openssl.hmac"
local socket = require "cqueues.socket"

local clients = require "spec.support.clients"
local json = require "reseller.json"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

local START_SECONDS = 30
local CALL_SECONDS = 60

local openresty = {}

--- What webhooks are signed with in specs.
openresty.SECRET = "a secret that is only known to specs"

local Desk = {}
Desk.__index = Desk

local function read(path)
  local file = io.open(path)
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

--- Waits until a condition holds.
---@return boolean
function openresty.await(condition)
  local deadline = core.now() + START_SECONDS
  while not condition() do
    if core.now() > deadline then return false end
    cqueues.sleep(0.02)
  end
  return true
end

--- A sandbox whose date is today's, so that periods end in the days to come.
function openresty.sandbox(options)
  local all = { limit = false, start = os.date "!%Y-%m-%dT%H:%M:%SZ" }
  for name, value in pairs(options or {}) do all[name] = value end
  return sandbox.start(all)
end

--- What ends within so many seconds, as a sandbox has it, the first to end first.
---@return table[] subscriptions
function openresty.ending(box, seconds)
  local list, now = {}, os.time()
  for sub in clients.ghostealth(box):each_subscription() do
    local left = sub.period["end"].timestamp / 1000 - now
    if sub.status ~= "TERMINATED" and left > 0 and left <= seconds then list[#list + 1] = sub end
  end
  table.sort(list, function(a, b) return a.period["end"].timestamp < b.period["end"].timestamp end)
  return list
end

local function command(self, arguments, variables)
  local words = { "env -u LD_PRELOAD -u GHOSTEALTH_API_KEY -u GHOSTEALTH_BASE_URL -u RESELLER_SANDBOX" }
  for name, value in pairs(variables) do words[#words + 1] = ("%s='%s'"):format(name, value) end
  return ("echo $$ >%s/pid; exec %s sh examples/openresty/start.sh %s >%s/out 2>&1"):format(self.folder,
    table.concat(words, " "), arguments or "", self.folder)
end

--- Starts the desk, with a limit that does not slow specs down, and waits until it stands or has ended.
---@param box table|nil a sandbox; without one it starts its own
---@param options? {arguments?: string, variables?: table<string, string>}
---@return table
function openresty.start(box, options)
  options = options or {}
  local self = setmetatable({ folder = script.folder() }, Desk)
  write(self.folder .. "/secret", openresty.SECRET .. "\n")
  local variables = { RESELLER_BUILD = script.build, DESK_SECRET_FILE = self.folder .. "/secret", DESK_REFRESH = 1000,
    DESK_LIMIT = "256/0.05", RESELLER_SANDBOX = box and box.url or "" }
  for name, value in pairs(options.variables or {}) do variables[name] = value end
  self.pipe = io.popen(command(self, options.arguments, variables), "w")
  openresty.await(function()
    self.pid = read(self.folder .. "/pid"):match "%d+"
    return self:output():find "\n  luajit " or self.pid and not self:runs()
  end)
  local output = self:output()
  self.pages = tonumber(output:match "fleet +http://127%.0%.0%.1:(%d+)")
  self.webhooks = tonumber(output:match "webhooks +http://127%.0%.0%.1:(%d+)")
  self.room = output:match "folder +(%S+)"
  return self
end

--- Whether start.sh runs.
function Desk:runs() return read("/proc/" .. self.pid .. "/stat"):find "%) [^ZX]" ~= nil end

--- What start.sh printed.
function Desk:output() return read(self.folder .. "/out") end

--- What nginx has to say, of a level if one is given.
function Desk:log(level)
  local lines = {}
  for line in read(self.room .. "/error.log"):gmatch "[^\n]+" do
    if line:find("[" .. level .. "]", 1, true) then lines[#lines + 1] = line end
  end
  return table.concat(lines, "\n")
end

local function connect(port)
  local peer = socket.connect { host = "127.0.0.1", port = port, nodelay = true }
  peer:onerror(function(_, _, code) return code end)
  peer:setmode("b", "bf")
  peer:settimeout(CALL_SECONDS)
  return peer:connect() and peer
end

--- Whether somebody listens.
function openresty.listens(port)
  local peer = connect(port)
  if peer then peer:close() end
  return peer ~= nil and peer ~= false
end

local function read_reply(peer)
  local reply = { headers = {} }
  reply.status = tonumber((peer:read "*L" or ""):match "^HTTP/1.1 (%d+)")
  for line in function() return peer:read "*l" end do
    local name, value = line:match "^([^:]+): *(.-)\r?$"
    if not name then break end
    reply.headers[name:lower()] = value
  end
  reply.body = reply.status and peer:read "*a" or ""
  peer:close()
  reply.value = (reply.headers["content-type"] or ""):find "json" and json.decode(reply.body) or nil
  return reply
end

--- Sends a request.
---@param request {port: integer, path: string, method?: string, headers?: table, body?: string}
---@return fun(): table reply waits for it: status, headers, body, and value if it is JSON
---@return table peer
function Desk.send(_, request)
  local peer, lines = assert(connect(request.port)), {}
  local headers = { host = "127.0.0.1", connection = "close" }
  if request.body then headers["content-length"] = #request.body end
  for name, value in pairs(request.headers or {}) do headers[name] = value end
  for name, value in pairs(headers) do lines[#lines + 1] = ("%s: %s\r\n"):format(name, value) end
  peer:write(("%s %s HTTP/1.1\r\n%s\r\n%s"):format(request.method or "GET", request.path, table.concat(lines),
    request.body or ""))
  peer:flush()
  return function() return read_reply(peer) end, peer
end

--- Fetches a page.
---@return table reply
function Desk:get(path, headers) return self:send { port = self.pages, path = path, headers = headers }() end

--- The signature of a body.
function openresty.sign(secret, timestamp, body)
  local bytes = hmac.new(secret, "sha256"):final(timestamp .. "." .. body)
  return "sha256=" .. bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
end

--- Sends a webhook without waiting for the answer.
---@param body string|table
---@param headers? table instead of those that are right
function Desk:send_webhook(body, headers)
  body = type(body) == "table" and json.encode(body) or body
  local timestamp = tostring(os.time())
  local all = { ["webhook-timestamp"] = timestamp,
    ["webhook-signature"] = openresty.sign(openresty.SECRET, timestamp, body) }
  return self:send { port = self.webhooks, path = "/webhooks/unpaid", method = "POST", body = body,
    headers = headers or all }
end

--- Sends a webhook.
---@return table reply
function Desk:webhook(body, headers) return self:send_webhook(body, headers)() end

function Desk:signal_nginx(name)
  os.execute(("kill -%s %s"):format(name, read(self.room .. "/nginx.pid"):match "%d+"))
end

--- The processes that work for nginx, those that are about to end too.
---@return string[]
function Desk:workers()
  local pids, pipe = {}, io.popen("pgrep -P " .. read(self.room .. "/nginx.pid"):match "%d+")
  for pid in pipe:lines() do pids[#pids + 1] = pid end
  pipe:close()
  return pids
end

--- Has nginx begin anew, and waits until only new workers are there.
function Desk:reload()
  local before, count = table.concat(self:workers(), " "), #self:workers()
  self:signal_nginx "HUP"
  return openresty.await(function()
    local now = self:workers()
    for _, pid in ipairs(now) do if before:find(pid, 1, true) then return false end end
    return #now == count
  end)
end

--- Ends it by a signal, waits, and says with which status it ended.
---@return integer
function Desk:finish(signal)
  if self:runs() then os.execute(("kill -%s %s"):format(signal or "INT", self.pid)) end
  local _, _, status = self.pipe:close()
  self.pipe = nil
  return status
end

--- Ends it and removes what it left.
function Desk:stop()
  if self.pipe then self:finish() end
  script.remove(self.folder)
end

return openresty
