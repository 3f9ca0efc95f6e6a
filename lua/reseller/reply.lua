--- Judges a reply: turns what came over the wire into a value, or into an error that says no more than
--- what is known.
local errors = require "reseller.errors"
local json = require "reseller.json"
local jsonapi = require "reseller.jsonapi"

local SHOWN_BODY, SHOWN_MESSAGE = 512, 1000 -- bytes
local LOOKED_AT = 8192 -- of a body, to find the secrets in what is shown of it

local LARGE = 256 * 1024 -- bytes; to decode more holds up whatever else the host has to serve

local reply = {}

local kinds = { [401] = "auth", [403] = "auth", [404] = "not_found", [429] = "limited" }

--- What an error of this status is called.
local function kind_of(status, headers)
  if status == 503 and headers["retry-after"] then return "limited" end
  return kinds[status] or (status >= 500 and "server" or "rejected")
end

--- Statuses that leave open whether a change was made: it may have been made before the server, or
--- something in front of it, gave up or sent elsewhere.
local function leaves_open(status, kind)
  return kind == "server" or status == 408 or status < 400
end

--- True for calls that must not be made twice.
---@param effect string
---@return boolean
function reply.once(effect) return effect == "transition" or effect == "spend" end

---@class reseller.Place what a list's reply tells of its place among the pages
---@field single boolean it came as one object
---@field links boolean it had links; the rest is the page numbers in them
---@field number? integer
---@field next? integer
---@field last? integer

---@class reseller.Meta
---@field status? integer nil when the result was recorded before
---@field headers table<string, string> by lower-case name
---@field attempts integer how often the request was sent
---@field elapsed number seconds
---@field request_id? string
---@field page? reseller.Place of a list
---@field entry? integer number of the call in the ledger
---@field replayed? boolean the result was recorded before; nothing was sent now
---@field note? string what the ledger has to say of it
---@field unrecorded? string why the ledger could not take the outcome
---@field document any the reply as it was decoded, before flattening; made when first read

--- Decodes the reply again when someone asks for `document`; most never do. The text is kept out of the
--- table, so that no dump of it shows the secrets that a reply may hold.
local function document_of(text, keep_null)
  return function(meta, name)
    if name ~= "document" or text == "" then return nil end
    meta.document = json.decode(text, keep_null)
    return meta.document
  end
end

local function new_meta(wire, keep_null, page)
  return setmetatable({
    status = wire.status, headers = wire.headers, attempts = wire.attempts, elapsed = wire.elapsed,
    request_id = wire.headers["x-request-id"], page = page,
  }, { __index = document_of(wire.body, keep_null) })
end

--- A text of ordinary length, whole characters of it.
local function shorten(text)
  if #text <= SHOWN_MESSAGE then return text end
  return text:sub(1, SHOWN_MESSAGE):gsub("[\192-\255]?[\128-\191]*$", "") .. "…"
end

--- An error made of what is known of the exchange.
local function failure(client, row, wire, kind, message)
  local headers, masked = wire.headers, nil
  if headers then
    masked = {}
    for name, value in pairs(headers) do masked[name] = client:mask_(value) end
  end
  return nil, errors.new {
    kind = kind, endpoint = row.id, platform = client.platform, message = shorten(client:mask_(message)),
    status = wire.status,
    headers = masked, retry_after = headers and errors.retry_after(headers["retry-after"], os.time()),
    body = wire.status and client:mask_(wire.body:sub(1, LOOKED_AT)):sub(1, SHOWN_BODY) or nil,
    sent = wire.status and "yes" or wire.sends > 0 and "maybe" or "no",
    attempts = wire.attempts, elapsed = wire.elapsed, request_id = headers and headers["x-request-id"],
  }
end

local phrases = {
  tls = "no trust in the server's certificate (ca_file or ca_path names others to trust): %s",
  too_large = "the reply is over the cap (max_body raises it): %s",
}

--- No whole reply came.
local function broken(client, row, wire)
  if reply.once(row.effect) and wire.sends > 0 then
    return failure(client, row, wire, "unknown",
      ("sent, but no readable reply came (%s: %s); look before you repeat it"):format(wire.kind, wire.message))
  end
  return failure(client, row, wire, wire.kind, (phrases[wire.kind] or "%s"):format(wire.message))
end

local function describe(client, wire, value)
  local text = errors.text(wire.body, value)
  if wire.status >= 300 and wire.status < 400 then
    local location = wire.headers.location
    text = "a redirect, which is not followed" .. (location and ": " .. location or "")
  end
  if wire.status == 401 or wire.status == 403 then
    text = (text and text .. "; " or "") .. client.credential_hint_
  end
  return text or "no explanation in the reply"
end

--- The server answered with something other than success.
local function refused(client, row, wire)
  local kind = kind_of(wire.status, wire.headers)
  local text = describe(client, wire, (json.decode(wire.body)))
  if reply.once(row.effect) and kind ~= "limited" and leaves_open(wire.status, kind) then
    return failure(client, row, wire, "unknown", text .. "; it may have been done: look before you repeat it")
  end
  return failure(client, row, wire, kind, text)
end

--- A success that cannot be read.
local function unreadable(client, row, wire, why)
  if reply.once(row.effect) then
    why = "a success that cannot be read (" .. why .. "); look before you repeat it"
    return failure(client, row, wire, "unknown", why)
  end
  return failure(client, row, wire, "decode", why)
end

--- Ghostealth's lists come as an array, as one object, as a page with `content`, or not at all.
local function as_list(data)
  if type(data) ~= "table" then return {} end
  if type(data.content) == "table" then data = data.content end
  if next(data) == nil or #data > 0 then return data end
  return { data }
end

local function unwrap(client, value, nested, pause)
  if value.data == nil then return nil end
  if client.jsonapi_ then return jsonapi.flatten(value, not nested, pause) end
  return value.data
end

--- The page number in a link; the rest of a link is never used.
local function page_of(link)
  if type(link) == "table" then link = link.href end
  if type(link) ~= "string" then return nil end
  return tonumber(link:match "page%%5[Bb]number%%5[Dd]=(%d+)" or link:match "page%[number%]=(%d+)")
end

--- What a list's reply tells of its place among the pages.
local function page_info(value)
  local links = type(value.links) == "table" and value.links or nil
  return {
    single = type(value.data) == "table" and value.data.id ~= nil,
    links = links ~= nil, number = links and page_of(links.self),
    next = links and page_of(links.next), last = links and page_of(links.last),
  }
end

--- How each result shape is read: value, or nil and what is wrong.
local shapes = {}

function shapes.one(client, value, nested)
  local data = unwrap(client, value, nested)
  if type(data) ~= "table" or #data > 0 or next(data) == nil then return nil, "no object under `data`" end
  return data
end

function shapes.many(client, value, nested, pause)
  local data = unwrap(client, value, nested, pause)
  if data ~= nil and data ~= json.null and type(data) ~= "table" then return nil, "no list under `data`" end
  return as_list(data)
end

function shapes.confirmed(_, value)
  if value.success ~= true then return nil, "no `success` in it" end
  return value
end

function shapes.nothing(_, value) return value end

function shapes.any(client, value, nested)
  if type(value) ~= "table" then return value end
  local data = unwrap(client, value, nested)
  if data == nil then return value end
  return data
end

--- An empty body stands for an empty object where nothing is expected.
local function decode(client, row, wire, pause)
  if wire.body == "" and (row.result == "nothing" or row.result == "any") then return {} end
  if wire.body == "" then return nil, "an empty body" end
  local value, more = json.document(wire.body, client.keep_null_, pause)
  if value == nil then return nil, "no JSON: " .. more end
  if type(value) ~= "table" and row.result ~= "any" then return nil, "JSON, but no object" end
  return value, more
end

--- Judges what came back.
---@param client table
---@param row table the endpoint
---@param wire table {status=, headers=, body=} or {kind=, message=}, with attempts, sends and elapsed
---@return any value, reseller.Meta|reseller.Error
function reply.judge(client, row, wire)
  local status = wire.status
  if not status then return broken(client, row, wire) end
  if status < 200 or status >= 300 then return refused(client, row, wire) end
  local pause = #wire.body > LARGE and client.host_.pause or nil
  local value, more = decode(client, row, wire, pause)
  if value == nil then return unreadable(client, row, wire, more) end
  if type(value) == "table" and value.success ~= nil and value.success ~= true and not client.jsonapi_ then
    return failure(client, row, wire, "rejected", errors.text(wire.body, value) or "the server says no success")
  end
  local page = row.result == "many" and page_info(value) or nil
  value, more = shapes[row.result](client, value, more, pause)
  if value == nil then return unreadable(client, row, wire, more) end
  return value, new_meta(wire, client.keep_null_, page)
end

return reply
