--- The kinds of faults: what each takes, when it acts unless told otherwise, and what it turns a reply
--- into.

local gzip = require "reseller.sandbox.gzip"
local wire = require "reseller.sandbox.wire"

local kinds = {}

--- How a reply is to leave: either `reply`, sent properly (`again`: its bytes once more after it;
--- `chunked`: in chunks), or `bytes` as they are and then `finish`.
---@class reseller.sandbox.delivery
---@field reply? reseller.sandbox.reply
---@field again? boolean
---@field chunked? boolean
---@field bytes? string
---@field finish? "close"|"reset"

-- `when`: acts "before" the request is carried out, which it then is not, or "after".
-- `only`: the one time it can act at.
local all = {}

local function add(name, kind)
  kind.takes, kind.needs, kind.when = kind.takes or {}, kind.needs or {}, kind.when or "before"
  all[name] = kind
end

local function reply_with(reply, changes)
  local headers = {}
  for _, source in ipairs { reply.headers, changes.headers or {} } do
    for name, value in pairs(source) do
      headers[name:lower()] = value
    end
  end
  return { status = changes.status or reply.status, headers = headers, body = changes.body or reply.body }
end

local function from_hex(hex)
  return (hex:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

local BAD_GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
  .. "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

add("reset", {
  deliver = function() return { bytes = "", finish = "reset" } end,
})

add("close", {
  deliver = function() return { bytes = "", finish = "close" } end,
})

-- Both are woven into the handling of a request and never get to deliver anything.
add("delay", { takes = { seconds = "number" }, needs = { "seconds" } })
add("page", {
  when = "after",
  takes = {
    cap = "count",
    stuck = "count",
    shift = "integer",
    next = "string",
    last = "string",
    host = "string",
  },
})

-- As if only `at` bytes of the request had been read: it is not acted on.
add("cut_request", {
  only = "before",
  takes = { at = "count" },
  needs = { "at" },
  deliver = function() return { bytes = "", finish = "reset" } end,
})

-- Stops writing after `at` bytes of the reply, or of its body.
add("cut", {
  when = "after",
  takes = { at = "count", of = "string", reset = "boolean" },
  needs = { "at" },
  deliver = function(fault, reply)
    local before = fault.of == "body" and #wire.head(reply) or 0
    local bytes = wire.render(reply):sub(1, before + fault.at)
    return { bytes = bytes, finish = fault.reset and "reset" or "close" }
  end,
})

add("status", {
  takes = { status = "status", headers = "table", body = "string" },
  needs = { "status" },
  deliver = function(fault, reply, refuse)
    local base = fault.body and reply or refuse(fault.status)
    return { reply = reply_with(base, fault) }
  end,
})

add("garbage", {
  takes = { body = "string", body_hex = "string" },
  deliver = function(fault)
    local bytes = fault.body or from_hex(fault.body_hex or "00ff1b5d0a80c328deadbeef0d0a0d0a")
    return { bytes = bytes, finish = "close" }
  end,
})

add("html", {
  takes = { status = "status" },
  deliver = function(fault)
    local headers = { ["content-type"] = "text/html" }
    return { reply = { status = fault.status or 502, headers = headers, body = BAD_GATEWAY } }
  end,
})

add("body", {
  takes = { body = "string", body_hex = "string", content_type = "string", status = "status" },
  deliver = function(fault, reply)
    local changes = { status = fault.status or 200, body = fault.body or from_hex(fault.body_hex or "") }
    changes.headers = { ["content-type"] = fault.content_type }
    return { reply = reply_with(reply, changes) }
  end,
})

add("oversized", {
  takes = { size = "count", chunked = "boolean" },
  needs = { "size" },
  deliver = function(fault, reply)
    local open, shut = '{"data":"', '"}'
    local body = open .. ("x"):rep(fault.size - #open - #shut) .. shut
    return { reply = reply_with(reply, { status = 200, body = body }), chunked = fault.chunked }
  end,
})

add("gzip_bomb", {
  takes = { size = "count" },
  needs = { "size" },
  deliver = function(fault, reply)
    local headers = { ["content-encoding"] = "gzip" }
    return { reply = reply_with(reply, { status = 200, headers = headers, body = gzip.bomb(fault.size) }) }
  end,
})

add("gzip", {
  when = "after",
  deliver = function(_, reply)
    local changes = { headers = { ["content-encoding"] = "gzip" }, body = gzip.store(reply.body) }
    return { reply = reply_with(reply, changes) }
  end,
})

add("huge_header", {
  when = "after",
  takes = { size = "count" },
  deliver = function(fault, reply)
    return { reply = reply_with(reply, { headers = { ["x-padding"] = ("x"):rep(fault.size or 200000) } }) }
  end,
})

add("redirect", {
  takes = { status = "status", location = "string" },
  needs = { "location" },
  deliver = function(fault, reply)
    local changes = { status = fault.status or 302, headers = { location = fault.location }, body = "" }
    return { reply = reply_with(reply, changes) }
  end,
})

-- A second reply that nobody asked for, on a connection that stays open.
add("duplicate", {
  when = "after",
  deliver = function(_, reply) return { reply = reply, again = true } end,
})

add("empty", {
  takes = { status = "status" },
  deliver = function(fault, reply)
    return { reply = reply_with(reply, { status = fault.status or 200, body = "" }) }
  end,
})

--- The kind of a name, nil when there is none.
---@param name string
---@return table?
function kinds.find(name)
  return all[name]
end

--- What a fault makes of a reply.
---@param fault table
---@param reply reseller.sandbox.reply  what would have been answered
---@param refuse fun(status: integer): reseller.sandbox.reply  a refusal in the platform's style
---@return reseller.sandbox.delivery
function kinds.deliver(fault, reply, refuse)
  return all[fault.kind].deliver(fault, reply, refuse)
end

return kinds
