--- Exact JSON: the same results on every Lua. Decoding is our own, encoding goes through lua-cjson.
--- Integers are integers, fractions are floats, what a number cannot hold exactly stays text,
--- null is an absent key or `json.null`, and an empty array stays an array.
local cjson = require "cjson"
local core = require "reseller.core"

local MAX_DEPTH = 128

-- A private instance: the program's own cjson settings neither change ours nor are changed.
local codec = cjson.new()

local decode, encode, valid_utf8 = core.decode, codec.encode, core.valid_utf8
local slices, decode_slice = core.slices, core.decode_slice
local SLICE = 128 * 1024 -- bytes, which take about a millisecond
local has_integers = tostring(1.0) == "1.0"

--- True for a number that JSON writes without a fraction.
local function is_whole(n)
  if has_integers then return math.type(n) == "integer" end -- luacheck: ignore 143
  return n % 1 == 0
end

local json = { null = cjson.null }

-- Tells an empty array from an empty object.
local array_mt = { __name = "reseller.array" }

--- Marks a table as an array, so that it is one in JSON also when it is empty.
---@generic T: table
---@param t T
---@return T
function json.array(t) return setmetatable(t, array_mt) end

--- True for what JSON writes with brackets.
---@param t table
---@return boolean
function json.is_array(t) return getmetatable(t) == array_mt or #t > 0 end

local function without_mark(text)
  if text:sub(1, 3) == "\239\187\191" then return text:sub(4) end -- a byte order mark
  return text
end

local function result(value, more)
  if value == nil then return nil, more end
  return value
end

--- Decodes a JSON text (RFC 8259, strictly).
---@param text string
---@param keep_null? boolean nulls in objects become `json.null` instead of absent keys
---@return any value nil when the text is not JSON
---@return string? why
function json.decode(text, keep_null) return result(decode(without_mark(text), keep_null, array_mt, json.null)) end

local function decode_in_slices(text, keep_null, pause, bytes)
  local state = slices(text, keep_null)
  if not state then return decode(text, keep_null, array_mt, json.null) end
  local object, list = {}, nil
  while true do
    local going, more = decode_slice(text, keep_null, array_mt, json.null, nil, state, object, list, bytes)
    if going == nil then return nil, more end
    if not going then return object, more end
    list = more
    pause()
  end
end

--- Decodes the text of a reply, and tells what may be inside it.
---@param text string
---@param keep_null? boolean
---@param pause? fun() called between pieces of the text, for hosts that have others to serve
---@param bytes? integer of a piece
---@return any value nil when the text is not JSON
---@return boolean|string more whether there may be JSON:API inside attributes; or what is wrong
function json.document(text, keep_null, pause, bytes)
  text = without_mark(text)
  if pause then return decode_in_slices(text, keep_null, pause, bytes or SLICE) end
  return decode(text, keep_null, array_mt, json.null)
end

-- lua-cjson 2.1.0 prints numbers with 14 digits and an empty table always as {}. What it would get
-- wrong goes through it as text behind the byte 255, which no valid UTF-8 holds, and loses byte and
-- quotes afterwards.
local function verbatim(text) return "\255" .. text end

local function number(n)
  if n ~= n or n == math.huge or n == -math.huge then return nil, "a number that JSON does not know" end
  if is_whole(n) then
    if n > -1e14 and n < 1e14 then return n end
    return verbatim((has_integers and "%d" or "%.17g"):format(n))
  end
  if n % 1 == 0 then return verbatim(("%.17g"):format(n):gsub("^-?%d+$", "%0.0")) end
  local short = ("%.14g"):format(n)
  return tonumber(short) == n and n or verbatim(("%.17g"):format(n))
end

local plain

local function plain_array(t, depth)
  local copy = {}
  for key in pairs(t) do
    if type(key) ~= "number" or not is_whole(key) or key < 1 or key > #t then
      return nil, "a table with both a list and keys in it"
    end
  end
  for i = 1, #t do
    local value, fault = plain(t[i], depth + 1)
    if fault then return nil, fault end
    copy[i] = value
  end
  return #copy > 0 and copy or verbatim "[]"
end

local function plain_object(t, depth)
  local copy = {}
  for key, value in pairs(t) do
    local fault
    if type(key) ~= "string" then return nil, "a key that is a " .. type(key) end
    if not valid_utf8(key) then return nil, "a key that is not valid UTF-8" end
    copy[key], fault = plain(value, depth + 1)
    if fault then return nil, fault end
  end
  return copy
end

--- A copy that lua-cjson prints exactly, or nil and what is in the way.
function plain(value, depth)
  local kind = type(value)
  if kind == "number" then return number(value) end
  if kind == "boolean" or value == json.null then return value end
  if kind == "string" then
    if valid_utf8(value) then return value end
    return nil, "text that is not valid UTF-8"
  end
  if kind ~= "table" then return nil, "a " .. kind end
  if depth >= MAX_DEPTH then return nil, "more than " .. MAX_DEPTH .. " levels, or a cycle" end
  return (json.is_array(value) and plain_array or plain_object)(value, depth)
end

--- Encodes a value exactly.
---@param value any
---@return string|nil text, nil|string why nil and what is in the way when it cannot be JSON
function json.encode(value)
  local copy, fault = plain(value, 0)
  if fault then return nil, fault end
  if type(copy) == "string" and copy:byte() == 255 then return copy:sub(2) end
  local ok, text = pcall(encode, copy)
  if not ok then return nil, text end
  return (text:gsub('"\255([^"]*)"', "%1"))
end

return json
