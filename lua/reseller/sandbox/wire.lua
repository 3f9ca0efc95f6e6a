--- Replies as bytes.

local wire = {}

local REASONS = {
  [200] = "OK", [201] = "Created", [204] = "No Content", [301] = "Moved Permanently", [302] = "Found",
  [307] = "Temporary Redirect", [308] = "Permanent Redirect", [400] = "Bad Request", [401] = "Unauthorized",
  [402] = "Payment Required", [403] = "Forbidden", [404] = "Not Found", [405] = "Method Not Allowed",
  [406] = "Not Acceptable", [408] = "Request Timeout", [409] = "Conflict", [411] = "Length Required",
  [413] = "Content Too Large", [415] = "Unsupported Media Type", [417] = "Expectation Failed",
  [422] = "Unprocessable Content", [429] = "Too Many Requests", [500] = "Internal Server Error",
  [501] = "Not Implemented", [502] = "Bad Gateway", [503] = "Service Unavailable", [504] = "Gateway Timeout",
}

--- Names of headers in the order they are sent.
---@param headers table<string, string>
---@return string[]
function wire.names(headers)
  local names = {}
  for name in pairs(headers) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- Status line and headers, up to the empty line.
---@param reply reseller.sandbox.reply
---@return string
function wire.head(reply)
  local lines = { ("HTTP/1.1 %d %s"):format(reply.status, REASONS[reply.status] or "Unknown") }
  for _, name in ipairs(wire.names(reply.headers)) do
    lines[#lines + 1] = name .. ": " .. reply.headers[name]
  end
  if not reply.headers["transfer-encoding"] and not reply.headers["content-length"] then
    lines[#lines + 1] = ("content-length: %d"):format(#reply.body)
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

--- The whole reply.
---@param reply reseller.sandbox.reply
---@return string
function wire.render(reply)
  return wire.head(reply) .. reply.body
end

--- A date as HTTP writes it.
---@param seconds number  since the Unix epoch
---@return string
function wire.date(seconds)
  return (os.date("!%a, %d %b %Y %H:%M:%S GMT", math.floor(seconds)))
end

return wire
