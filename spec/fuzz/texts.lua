--- Feeds mangled texts to what reads texts from outside, for the sanitizers to watch.
--- Usage: texts.lua [COUNT] [SEED]
local core = require "reseller.core"
local json = require "reseller.json"

local KEY = "GHO-abcdefghij-STEA-klmnopqrst-LTH"
local count, seed = tonumber(arg[1] or 100000), tonumber(arg[2] or 7)
local session = core.session { base_url = "http://127.0.0.1", headers = {}, secrets = { KEY }, connect_timeout = 1,
  max_head = 1, max_body = 1 }

local samples = {
  [[{"data":[[],{"a":[1,{"data":[]}]}],"attributes":[{"data":1},2],"links":{"x":[1]},"n":[null,"\n"]}]],
  [[{"data":[{"id":"su_1","n":1.5e3,"x":null,"t":true,"a":[],"o":{},"s":"\u00e9\ud83d\ude00","r":"Юр"}]}]],
  [[{"apiKey":"x\"y","first_password": "abc", "k":"]] .. KEY .. [[","m":"{\"login\":\"z\"}"}]],
  "[1,-0,1e5,123456789012345678901]", "https://portal.example.com:8443/a/b", "http://[::1]:80", "127.0.0.1:3128",
}
local inserted = [["\{}[]:,u0e./@]]

math.randomseed(seed)

local function mangle(text)
  for _ = 1, math.random(4) do
    local at, op = math.random(#text), math.random(3)
    local piece = op == 1 and string.char(math.random(0, 255)) or op == 2 and ""
      or inserted:sub(math.random(#inserted)):sub(1, 1) .. text:sub(at, at)
    text = text:sub(1, at - 1) .. piece .. text:sub(at + 1)
    if text == "" then text = " " end
  end
  return text:sub(1, math.random(2) == 1 and #text or math.random(#text))
end

local function nothing() end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for name, value in pairs(a) do if not same(value, b[name]) then return false end end
  for name in pairs(b) do if a[name] == nil then return false end end
  return getmetatable(a) == getmetatable(b)
end

for _ = 1, count do
  local text = mangle(samples[math.random(#samples)])
  local value, more = json.document(text)
  local sliced, sliced_more = json.document(text, false, nothing, math.random(9))
  assert(same(value, sliced) and more == sliced_more, text)
  if value ~= nil then assert(json.encode(value), text) end
  assert(not session:mask(text):find(KEY, 1, true), text)
  core.base_url(text)
  core.proxy_is_local(text)
  core.valid_utf8(text)
end
print(("%d mangled texts, seed %d"):format(count, seed))
