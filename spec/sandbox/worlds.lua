--- Builds worlds for the specs: time stands still until it is moved, and requests are well-formed
--- unless a spec spoils them.
local core = require "reseller.core"
local json = require "reseller.json"
local world = require "reseller.sandbox.world"

local worlds = {}

worlds.SAMPLE = "su_69afba98bc32119ad6daa8f0"
worlds.PLAN = '{"billingCycle":"WEEKLY","connections":100,"authentications":1}'

local Subject = {}
Subject.__index = Subject

--- What `headers` overrides; a header set to false is not sent.
function worlds.headers(platform, changes)
  local row = core.platforms()[platform]
  local name, before = row.auth_header:match("^([^:]+): (.*)$")
  local headers = { [name:lower()] = before .. row.sandbox_credential, ["content-type"] = row.media_type }
  if row.jsonapi then headers.accept = row.media_type end
  for key, value in pairs(changes or {}) do
    headers[key] = value or nil
  end
  return headers
end

local function platform_of(target)
  return target:find("^/api/v3/") and "activeplatform" or "ghostealth"
end

--- Sends a request and returns status, decoded body and the reply.
function Subject:call(method, target, body, changes)
  local headers = worlds.headers(platform_of(target), { ["content-length"] = tostring(#(body or "")) })
  for name, value in pairs(changes or {}) do
    headers[name] = value or nil
  end
  local reply = self.world:handle({ method = method, target = target, headers = headers }, body)
  return reply.status, json.decode(reply.body, true), reply
end

--- A Ghostealth call below its base path.
function Subject:ghostealth(method, path, body, changes)
  return self:call(method, "/dev/v1.0/resellers" .. path, body, changes)
end

--- An ActivePlatform call below reseller 1.
function Subject:activeplatform(method, path, changes)
  return self:call(method, "/api/v3/resellers/1" .. path, nil, changes)
end

--- The subscription of this id as the list shows it.
function Subject:subscription(id)
  for _, record in ipairs(select(2, self:ghostealth("GET", "/subscriptions?size=1000")).data) do
    if record.id == id then return record end
  end
end

--- A world without a limit, unless the options say otherwise.
function worlds.new(options)
  local self = setmetatable({ seconds = 1000 }, Subject)
  local given = { rows = core.endpoints(), platforms = core.platforms(), limit = false }
  given.monotonic = function() return self.seconds end
  given.wall = function() return 1792573200 end
  for name, value in pairs(options or {}) do
    given[name] = value
  end
  self.world = world.new(given)
  return self
end

return worlds
