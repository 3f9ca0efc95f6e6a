--- Requests and replies as bytes, for the specs that go over sockets.
local worlds = require "spec.sandbox.worlds"

local exchanges = {}

--- A request for Ghostealth, well-formed unless `changes` to its headers spoil it.
function exchanges.request(method, path, body, changes)
  local headers = worlds.headers("ghostealth", { ["content-length"] = tostring(#(body or "")) })
  headers.host = "sandbox"
  for name, value in pairs(changes or {}) do
    headers[name] = value or nil
  end
  local lines = { ("%s /dev/v1.0/resellers%s HTTP/1.1"):format(method, path) }
  for name, value in pairs(headers) do
    lines[#lines + 1] = name .. ": " .. value
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")
end

exchanges.RENEW = exchanges.request("PUT", "/subscriptions/" .. worlds.SAMPLE)
exchanges.CREATE = exchanges.request("POST", "/subscriptions", worlds.PLAN)
exchanges.READ = exchanges.request("GET", "")

--- All that arrives until the peer closes, and the error it closed with, nil for a plain end.
function exchanges.drain(peer)
  local pieces = {}
  while true do
    local piece, code = peer:read(-65536)
    if not piece then return table.concat(pieces), code end
    pieces[#pieces + 1] = piece
  end
end

--- One reply of a connection that stays open: status, headers, body.
function exchanges.read_reply(peer)
  local status = (peer:read "*L" or ""):match "^HTTP/1%.1 (%d%d%d) "
  local headers = {}
  for line in function() return peer:read "*L" end do
    local name, value = line:match "^(.-): (.-)\r\n$"
    if not name then break end
    headers[name] = value
  end
  local length = tonumber(headers["content-length"] or 0)
  return tonumber(status), headers, length > 0 and peer:read(length) or ""
end

--- Sends bytes on a connection of their own and reads until its end.
function exchanges.send(box, bytes)
  local peer = box:connect()
  peer:write(bytes)
  peer:flush()
  local received, code = exchanges.drain(peer)
  peer:close()
  return received, code
end

--- The request with a header that makes the server close after the reply.
function exchanges.closing(request)
  return (request:gsub("\r\n", "\r\nconnection: close\r\n", 1))
end

return exchanges
