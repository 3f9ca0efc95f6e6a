--- Serves one connection: reads requests with lua-http, has the world answer them, and sends the
--- answers, well-formed or as a fault wants them.

local cqueues = require "cqueues"
local h1_connection = require "http.h1_connection"
local new_headers = require "http.headers".new

local core = require "reseller.core"

local control = require "reseller.sandbox.control"
local wire = require "reseller.sandbox.wire"

local connection = {}

local IDLE_SECONDS = 3600
local REQUEST_SECONDS = 30
local CHUNK = 16384
local NOT_HTTP = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

---@class reseller.sandbox.Connection
---@field private world_ reseller.sandbox.World
---@field private server_ reseller.sandbox.Server
---@field private http_ table
---@field private number_ integer
local Connection = {}
Connection.__index = Connection
Connection.__name = "reseller.sandbox.connection"

---@param server reseller.sandbox.Server
---@param world reseller.sandbox.World
---@param socket table
---@param number integer
---@return reseller.sandbox.Connection
function connection.new(server, world, socket, number)
  socket:setmode("b", "b")
  return setmetatable({
    server_ = server,
    world_ = world,
    http_ = h1_connection.new(socket, "server", 1.1),
    number_ = number,
  }, Connection)
end

-- Waits for a request; false when the peer has gone.
function Connection:wait_()
  local socket = self.http_.socket
  if socket:pending() > 0 then return true end
  local readable = { pollfd = socket:pollfd(), events = "r" }
  return cqueues.poll(readable, IDLE_SECONDS) ~= IDLE_SECONDS
end

local function read_head(stream)
  local fields = stream:get_headers(REQUEST_SECONDS)
  if not fields then return nil end
  local head = { method = fields:get(":method"), target = fields:get(":path") or "*", headers = {} }
  for name, value in fields:each() do
    if name == ":authority" then name = "host" end
    local first = head.headers[name]
    if name:sub(1, 1) ~= ":" then head.headers[name] = first and first .. ", " .. value or value end
  end
  return head
end

local function write_body(stream, body)
  for at = 1, #body, CHUNK do
    local piece, is_last = body:sub(at, at + CHUNK - 1), at + CHUNK > #body
    if not stream:write_chunk(piece, is_last, REQUEST_SECONDS) then return false end
  end
  return true
end

local function write_reply(stream, reply, method, chunked)
  local framing, length = "content-length", ("%d"):format(#reply.body)
  if chunked then framing, length = "transfer-encoding", "chunked" end
  local bare = reply.body == "" or method == "HEAD"
  local fields = new_headers()
  fields:append(":status", ("%d"):format(reply.status))
  for _, name in ipairs(wire.names(reply.headers)) do
    fields:append(name, reply.headers[name])
  end
  if reply.body ~= "" then fields:append(framing, length) end
  if not stream:write_headers(fields, bare, REQUEST_SECONDS) then return false end
  return bare or write_body(stream, reply.body)
end

-- Sends bytes and closes, past lua-http, which would end the reply properly. It must not be asked to
-- end a stream whose request broke off either: it waits for the rest without end.
function Connection:break_off_(bytes, finish)
  local socket = self.http_:take_socket()
  if not socket then return end
  if bytes ~= "" then socket:xwrite(bytes, "n", REQUEST_SECONDS) end
  if finish == "reset" then core.reset_on_close(socket:pollfd()) end
  socket:close()
end

-- True when the connection can go on.
function Connection:deliver_(stream, delivery, method)
  if delivery.bytes then
    self:break_off_(delivery.bytes, delivery.finish)
    return false
  end
  local ok = write_reply(stream, delivery.reply, method, delivery.chunked)
  if ok and delivery.again then
    ok = self.http_.socket:xwrite(wire.render(delivery.reply), "n", REQUEST_SECONDS)
  end
  return ok
end

-- To lua-http the end of a connection ends a body, however long it was to be.
local function read_whole(stream, head)
  local body = stream:get_body_as_string(REQUEST_SECONDS)
  local expected = tonumber(head.headers["content-length"])
  if body and (not expected or #body == expected) then return body end
end

function Connection:answer_(stream, head)
  local exchange = self.world_:open(head)
  local plan = exchange.plan
  local body = head.headers.expect and "" or read_whole(stream, head)
  if not body then return false end
  if plan.delay_before > 0 then cqueues.sleep(plan.delay_before) end
  local delivery = self.world_:answer(exchange, body)
  if plan.delay_after > 0 then cqueues.sleep(plan.delay_after) end
  local open = self:deliver_(stream, delivery, head.method)
  return open and not head.headers.expect
end

function Connection:control_(stream, head)
  local body = read_whole(stream, head)
  if not body then return false end
  local reply, stop = control.handle(self.world_, head.method, head.target, body)
  local ok = write_reply(stream, reply, head.method)
  if stop then self.server_:stop() end
  return ok and not stop
end

function Connection:exchange_(stream)
  local head = read_head(stream)
  if not head then
    self:break_off_(NOT_HTTP)
    return false
  end
  head.connection = self.number_
  if control.owns(head.target) then return self:control_(stream, head) end
  return self:answer_(stream, head)
end

--- Serves until either side closes.
function Connection:serve()
  local open = true
  while open and self:wait_() do
    local stream = self.http_:get_next_incoming_stream(REQUEST_SECONDS)
    open = stream ~= nil and self:exchange_(stream)
    if open then stream:shutdown() end
  end
  self:break_off_ ""
end

return connection
