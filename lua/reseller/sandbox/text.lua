--- Byte strings as the wire brings them: UTF-8, percent-encoding, media types.

local text = {}

local TAIL = "[\128-\191]"

-- The well-formed byte sequences of RFC 3629, section 4, longest first.
local SEQUENCES = {
  "^\240[\144-\191]" .. TAIL .. TAIL,
  "^[\241-\243]" .. TAIL .. TAIL .. TAIL,
  "^\244[\128-\143]" .. TAIL .. TAIL,
  "^\224[\160-\191]" .. TAIL,
  "^[\225-\236\238\239]" .. TAIL .. TAIL,
  "^\237[\128-\159]" .. TAIL,
  "^[\194-\223]" .. TAIL,
}

local function sequence_end(s, at)
  for _, pattern in ipairs(SEQUENCES) do
    local _, last = s:find(pattern, at)
    if last then return last end
  end
end

--- Position of the first byte that is not UTF-8, nil when there is none.
---@param s string
---@return integer?
function text.bad_utf8(s)
  local at = s:find("[\128-\255]")
  while at do
    local last = sequence_end(s, at)
    if not last then return at end
    at = s:find("[\128-\255]", last + 1)
  end
end

--- The text with every byte that is not UTF-8 written as `\xNN`, fit for JSON.
---@param s string
---@return string
function text.printable(s)
  local at = text.bad_utf8(s)
  if not at then return s end
  local shown = ("\\x%02x"):format(s:byte(at))
  return s:sub(1, at - 1) .. shown .. text.printable(s:sub(at + 1))
end

local function unescape(hex)
  return string.char(tonumber(hex, 16))
end

--- Undoes percent-encoding; nil for a stray percent sign or bytes that are not UTF-8.
---@param s string
---@return string?
function text.percent_decode(s)
  if s:gsub("%%%x%x", ""):find("%", 1, true) then return nil end
  local plain = s:gsub("%%(%x%x)", unescape)
  if text.bad_utf8(plain) then return nil end
  return plain
end

local function add_pair(query, pair)
  local name, value = pair:match("^([^=]*)=?(.*)$")
  name = text.percent_decode((name:gsub("+", " ")))
  value = text.percent_decode((value:gsub("+", " ")))
  if not name or not value then return "the query is not percent-encoded UTF-8" end
  if query[name] then return ("query parameter %s: expected once, got it again"):format(name) end
  query[name] = value
end

--- Splits a request target into its path and the decoded query.
---@param target string
---@return string path  still percent-encoded
---@return table<string, string> query
---@return string? fault  what is wrong with the query
function text.parse_target(target)
  local path, raw = target:match("^([^?]*)%??(.*)$")
  local query, fault = {}, nil
  for pair in raw:gmatch("[^&]+") do
    fault = add_pair(query, pair) or fault
  end
  return path, query, fault
end

return text
