--- One renewal through lua-http, which opens a connection for each request:
--- lua_http.lua READ_URL RENEW_URL KEY.
require("reseller.sandbox.library").prepare()

local request = require "http.request"
local version = require "http.version"

local CALL_SECONDS = 20

local function renew(url, key)
  local made = request.new_from_uri(url)
  made.headers:upsert(":method", "PUT")
  made.headers:append("authorization", "ApiKey " .. key)
  made.headers:append("content-type", "application/json")
  made:set_body ""
  return made:go(CALL_SECONDS)
end

local headers, why = renew(arg[2], arg[3])
print(("version: %s %s"):format(version.name, version.version))
print("saw: " .. (headers and "HTTP " .. headers:get ":status" or tostring(why)))
