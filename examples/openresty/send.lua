-- Sends the webhook as the sender of one should: signed, and again while the answer says that this helps.
--   luajit examples/openresty/send.lua URL SECRET_FILE EVENT SUBSCRIPTION
-- Ends with status 0 when the subscription is suspended.
package.path = arg[0]:gsub("[^/]*$", "") .. "?.lua;" .. package.path
local signature = require "desk.signature"

local TRIES, LONGEST = 5, 120 -- seconds
local again = { ["000"] = true, ["502"] = true, ["503"] = true }

if #arg ~= 4 then
  io.stderr:write "usage: send.lua URL SECRET_FILE EVENT SUBSCRIPTION\n"
  os.exit(2)
end
io.stdout:setvbuf "line"
local url, secret_file, event, subscription = arg[1], arg[2], arg[3], arg[4]
local file, why = io.open(secret_file)
if not file then
  io.stderr:write("send.lua: ", why, "\n")
  os.exit(2)
end
local secret = file:read "*l"
file:close()

local function quote(text) return "'" .. text:gsub("'", [['\'']]) .. "'" end

local body = ('{"event":"%s","subscription":"%s"}'):format(event, subscription)
local command = "curl -sS -w '%%{http_code}' -H 'Content-Type: application/json' -H 'Webhook-Timestamp: %s' "
  .. "-H 'Webhook-Signature: %s' -d %s %s"

-- The body and the status of one try; the status is 000 when no answer came.
local function send()
  local timestamp = tostring(os.time())
  local pipe = io.popen(command:format(timestamp, signature.of(secret, timestamp, body), quote(body), quote(url)))
  local answer = pipe:read "*a"
  pipe:close()
  return answer:sub(1, -4), answer:sub(-3)
end

for try = 1, TRIES do
  local answer, status = send()
  io.write(status, " ", answer, answer:find "\n$" and "" or "\n")
  if status == "200" then os.exit(0) end
  if not again[status] or try == TRIES then os.exit(1) end
  local seconds = math.min(LONGEST, tonumber(answer:match '"retry_after":(%d+)') or 5)
  io.write(("again in %d s\n"):format(seconds))
  os.execute("sleep " .. seconds)
end
