--- Signatures of webhooks: HMAC-SHA256 of the time and the body, with OpenSSL's own functions, which nginx has loaded.
---
---     Webhook-Timestamp: 1790000000
---     Webhook-Signature: sha256=<HMAC in hexadecimal of "1790000000.<body>">
---
--- The time is signed too, so that a message that somebody recorded is worth nothing five minutes later.
local ffi = require "ffi"

local TOLERANCE = 300 -- seconds that the clocks may differ, and that a message may be under way
local BYTES = 32

ffi.cdef [[
  const void *EVP_sha256(void);
  unsigned char *HMAC(const void *hash, const void *key, int key_len, const unsigned char *data, size_t len,
    unsigned char *out, unsigned int *out_len);
  unsigned char *SHA256(const unsigned char *data, size_t len, unsigned char *out);
  int CRYPTO_memcmp(const void *a, const void *b, size_t len);
]]

--- nginx is linked to OpenSSL; a plain LuaJIT, such as that of send.lua, is not.
local loaded = pcall(function() return ffi.C.HMAC end)
local crypto = loaded and ffi.C or ffi.load "libcrypto.so.3"

local signature = {}

local function to_hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

--- The value of Webhook-Signature.
---@param secret string
---@param timestamp string
---@param body string
---@return string
function signature.of(secret, timestamp, body)
  local signed = timestamp .. "." .. body
  local out = ffi.new("unsigned char[?]", BYTES)
  if crypto.HMAC(crypto.EVP_sha256(), secret, #secret, signed, #signed, out, nil) == nil then
    error "OpenSSL has no HMAC-SHA256"
  end
  return "sha256=" .. to_hex(ffi.string(out, BYTES))
end

--- The SHA-256 of a text, as bytes.
---@param text string
---@return string
function signature.digest(text)
  local out = ffi.new("unsigned char[?]", BYTES)
  crypto.SHA256(text, #text, out)
  return ffi.string(out, BYTES)
end

--- Compares in a time that does not tell where the first difference is.
local function equal(a, b) return #a == #b and crypto.CRYPTO_memcmp(a, b, #a) == 0 end

--- What is wrong with a signature; nil when it is good.
---@param secret string
---@param timestamp string|nil
---@param given string|nil
---@param body string
---@param now number seconds since 1970
---@return string|nil header
---@return string|nil fault
function signature.fault(secret, timestamp, given, body, now)
  local time = timestamp and timestamp:find "^%d+$" and #timestamp <= 12 and tonumber(timestamp)
  if not time then return "Webhook-Timestamp", "expected seconds since 1970" end
  if not given then return "Webhook-Signature", "expected sha256= and the HMAC of the time, a dot and the body" end
  if not equal(signature.of(secret, timestamp, body), given:lower()) then
    return "Webhook-Signature", "it was not made with this secret, this time and this body"
  end
  if math.abs(now - time) > TOLERANCE then
    return "Webhook-Timestamp", ("expected a time within %d s of this server's, %d"):format(TOLERANCE, now)
  end
end

return signature
