--- The simulated wire between clients and the sandbox's state machine: what is asked travels, is acted on,
--- now or much later, and what is answered travels back, or not.

local core = require "reseller.core"
local world = require "reseller.sandbox.world"

local wire = {}

local LATEST = 100 -- seconds until a lost request may still act; the ledger's grace is 120

local platform = core.platforms().ghostealth
local rows, platforms = core.endpoints(), core.platforms()

local Wire = {}
Wire.__index = Wire

--- `draw`: random numbers of the schedule; `trouble`: percent of requests that something happens to.
function wire.new(clock, draw, trouble)
  local self = setmetatable({ clock = clock, draw = draw, trouble = trouble }, Wire)
  local function now() return clock.time end
  self.world = world.new { rows = rows, platforms = platforms, monotonic = now, wall = now, subscriptions = 2, limit = false }
  return self
end

local function head(method, target, body)
  local headers = { ["content-type"] = platform.media_type, accept = platform.media_type, host = "sandbox" }
  local name, before = platform.auth_header:match "^([^:]+): (.*)$"
  headers[name:lower()] = before .. platform.sandbox_credential
  if not body then headers["content-length"] = "0" end
  return { method = method, target = platform.sandbox_path .. target, headers = headers }
end

--- Has the platform act; counts what it carried out for a call.
function Wire:act(call, method, target, body)
  local reply = self.world:handle(head(method, target, body), body)
  if method ~= "GET" and reply.status < 300 and call then call.executed = call.executed + 1 end
  return reply
end

-- What can happen to a request: acts before the trouble or not, and what the client sees.
local troubles = {
  { name = "refused connection", sends = 0, kind = "network" },
  { name = "lost request", sends = 1, kind = "network" },
  { name = "lost reply", acts = true, sends = 1, kind = "network" },
  { name = "timeout", sends = 1, kind = "timeout" },
  { name = "timeout after acting", acts = true, sends = 1, kind = "timeout" },
  { name = "late", late = true, sends = 1, kind = "timeout" },
  { name = "late after a reset", late = true, sends = 1, kind = "network" },
  { name = "502", sends = 1, status = 502, body = "<h1>Bad Gateway</h1>" },
  { name = "502 after acting", acts = true, sends = 1, status = 502, body = "<h1>Bad Gateway</h1>" },
  { name = "504 and late", late = true, sends = 1, status = 504, body = "" },
  { name = "429", sends = 1, status = 429, body = "" },
  { name = "503 with Retry-After", sends = 1, status = 503, body = "", headers = { ["retry-after"] = "1" } },
  { name = "redirect", sends = 1, status = 302, body = "" },
  { name = "reply twice in one", acts = true, sends = 1, twice = true },
  { name = "cut reply", acts = true, sends = 1, cut = true },
  { name = "page of a proxy", sends = 1, status = 200, body = "<h1>Welcome</h1>" },
  { name = "kill", sends = 1, kill = true },
  { name = "kill after acting", acts = true, sends = 1, kill = true },
  { name = "kill, then late", late = true, sends = 1, kill = true },
}

function Wire:later_(call, ...)
  local given = { n = select("#", ...), ... }
  self.clock:after(self.draw:between(1, LATEST), function()
    self:act(call, given[1], given[2], given[3])
  end)
end

local function spoil(trouble, reply)
  if trouble.twice then return reply.status, reply.headers, reply.body .. reply.body end
  if trouble.cut then return reply.status, reply.headers, reply.body:sub(1, math.floor(#reply.body / 2)) end
  if trouble.status then return trouble.status, trouble.headers or {}, trouble.body end
  return nil, trouble.kind, trouble.name
end

--- Moves a request as a host's `perform` does.
function Wire:perform(process, method, target, body)
  local call, draw = process.call, self.draw
  local trouble = draw:chance(self.trouble) and draw:pick(troubles) or nil
  local there, back = draw:between(1, 400) / 1000, draw:between(1, 400) / 1000
  if trouble and trouble.kind == "timeout" then back = 30 end
  self.clock:sleep(there)
  local reply
  if not trouble or trouble.acts then reply = self:act(call, method, target, body) end
  if trouble and trouble.late then self:later_(call, method, target, body) end
  if trouble and trouble.kill then process:die() end
  self.clock:sleep(back)
  if not trouble then return reply.status, reply.headers, reply.body, there + back, 1 end
  local status, headers, text = spoil(trouble, reply)
  return status, headers, text, there + back, trouble.sends
end

return wire
