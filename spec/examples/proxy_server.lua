--- A small HTTP proxy on loopback, run as a process of its own: lua5.4 proxy_server.lua FOLDER [CREDENTIALS]
--- Writes its port to FOLDER/port and the first line of each request to FOLDER/log. Ends when standard input does.
local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local folder = arg[1]
local wanted = arg[2] and "Basic " .. arg[2] -- in base64

local function append(name, line)
  local file = assert(io.open(folder .. "/" .. name, "a"))
  file:write(line, "\n")
  file:close()
end

local function plain(peer)
  peer:setmode("b", "bn")
  peer:onerror(function(_, _, code) return code end)
  return peer
end

-- Moves bytes until one side ends.
local function pump(from, to)
  while true do
    local bytes = from:read(-4096)
    if not bytes or not to:write(bytes) then break end
  end
  to:shutdown "w"
end

local function read_head(peer)
  local first, headers, authorization = peer:read "*l", {}, nil
  for line in function() return peer:read "*l" end do
    line = line:gsub("\r$", "")
    if line == "" then break end
    if line:lower():find "^proxy%-authorization:" then authorization = line:match ": *(.*)$" end
    if not line:lower():find "^proxy%-" then headers[#headers + 1] = line .. "\r\n" end
  end
  return first and first:gsub("\r$", ""), table.concat(headers), authorization
end

local function serve(loop, peer)
  local first, headers, authorization = read_head(peer)
  if not first then return peer:close() end
  append("log", first)
  if wanted and authorization ~= wanted then
    peer:write "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    return peer:close()
  end
  local method, target = first:match "^(%u+) (%S+)"
  local host, port = target:match "^h?t?t?p?:?/?/?([^/:]+):(%d+)"
  local upstream = plain(socket.connect { host = host, port = tonumber(port), nodelay = true })
  if method == "CONNECT" then
    peer:write "HTTP/1.1 200 Connection established\r\n\r\n"
  else
    upstream:write(method, " ", target:match "^http://[^/]+(.*)$", " HTTP/1.1\r\nVia: 1.1 spec\r\n", headers, "\r\n")
  end
  loop:wrap(pump, upstream, peer)
  pump(peer, upstream)
end

local server = socket.listen { host = "127.0.0.1", port = 0 }
append("port", (select(3, server:localname())))

local loop = cqueues.new()
loop:wrap(function()
  for peer in server:clients() do loop:wrap(serve, loop, plain(peer)) end
end)
loop:wrap(function()
  socket.fdopen(0):read "*a"
  os.exit(0)
end)
assert(loop:loop())
