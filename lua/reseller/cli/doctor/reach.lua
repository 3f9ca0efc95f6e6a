--- Reaches a platform with one request that only reads, and tells apart where it fails: the name, the connection,
--- the certificate, the reply, the key.
local core = require "reseller.core"
local errors = require "reseller.errors"
local files = require "reseller.cli.files"
local proxy = require "reseller.cli.doctor.proxy"
local reseller = require "reseller"

local LONGEST_CALL, LONGEST_WAIT = 15, 5 -- seconds
local SKEW_WARNING, SKEW_FAILED = 5, 300 -- seconds between the clocks

local reach = {}

--- The request of each platform, whose success also tells what the key is good for.
local requests = {
  ghostealth = { call = "get_reseller", good = "a reseller key: the account answers",
    bad = "the key of an ordinary account is refused here, and so is a mistyped one" },
  activeplatform = { call = "list_child_subscriptions", params = { page = { size = 1 } },
    good = "a manager token that may list the subscriptions of downstream resellers",
    bad = "the token is wrong, or its manager lacks the role" },
}

--- The addresses of a name, as all programs of this machine see them; nil when there is no way to ask.
---@param host string
---@return string[]?
function reach.resolve(host)
  local pipe = io.popen(("getent ahosts %s 2>/dev/null; echo status $?"):format(files.quote(host)))
  local text = pipe and pipe:read "a" or ""
  if pipe then pipe:close() end
  local status = tonumber(text:match "status (%d+)\n$")
  if status ~= 0 and status ~= 2 then return nil end
  local list, seen = {}, {}
  for address in text:gmatch "(%S+)%s+STREAM" do
    if not seen[address] then
      list[#list + 1], seen[address] = address, true
    end
  end
  return list
end

local function is_address(host) return host:find "^[%d.]+$" ~= nil or host:find ":" ~= nil or host == "localhost" end

--- The name of the host; false when it is known to lead nowhere.
local function check_name(state)
  local host = state.url:match "^%a+://%[?([^/%]]+)":gsub(":%d+$", "")
  if state.proxied or is_address(host) then return true end
  local addresses = state.resolve(host)
  if not addresses then return true end
  if #addresses > 0 then
    local more = #addresses > 1 and (" and %d more"):format(#addresses - 1) or ""
    state.report:ok(state.title .. " name", ("%s is %s%s"):format(host, addresses[1], more))
    return true
  end
  state.report:failed(state.title .. " name", host .. " has no address",
    "check the spelling of base_url, the network, and /etc/resolv.conf")
  return false
end

--- The address: prefixes that lead elsewhere than one thinks.
local function check_address(state)
  local check, path = state.title .. " address", state.url:match "^%a+://[^/]+(.*)$"
  local usual = core.platforms()[state.platform].sandbox_path
  if path == usual then
    local is_real = path ~= "" and state.url:find "^https"
    local note = is_real and ("; calls on %s are real, whatever its name"):format(path) or ""
    return state.report:ok(check, state.url .. note)
  end
  local other = path:find "^/api" and usual ~= ""
  state.report:warning(check, ("%s: the path is usually %s"):format(state.url, usual ~= "" and usual or "empty"),
    other and "the vendor's pages write both prefixes, and their samples call /dev; both are to be taken for real"
    or "base_url is what stands before the paths of the calls")
end

local function make_client(context, platform, heard)
  local options = context.settings:client_options(platform)
  options.retries = 0
  options.timeout = math.min(options.timeout or LONGEST_CALL, LONGEST_CALL)
  options.patience = math.min(options.patience or LONGEST_WAIT, LONGEST_WAIT)
  options.on_event = function(event) heard.sends = event.sends end
  return reseller[platform](options)
end

--- Where an exchange broke: the connection, the certificate, or the reply.
local function stage_of(err, sends)
  if err.kind == "tls" then return "certificate" end
  if err.kind == "limited" and err.attempts == 0 then return "limit" end
  if err.kind == "refused" or err.kind == "invalid" then return "here" end
  if err.status and err.kind ~= "decode" and err.kind ~= "too_large" then return "answered" end
  return sends > 0 and "reply" or "connection"
end

--- The request got through to a server.
local function tell_connected(state)
  state.report:ok(state.title .. " connection", state.url:find "^https"
    and "a server answers, its certificate is trusted" or "a server of this machine answers, without TLS")
end

local broken = {}

function broken.connection(state, err)
  state.report:failed(state.title .. " connection", err.message, state.proxied and "check the proxy, and that it is up"
    or "check the network, a firewall, and the port in base_url")
end

function broken.certificate(state, err)
  state.report:ok(state.title .. " connection", "a server answers")
  state.report:failed(state.title .. " certificate", err.message,
    "name the file of the certificates to trust as ca_file in config.lua; never go on without")
end

function broken.reply(state, err)
  tell_connected(state)
  state.report:failed(state.title .. " reply", err.message, err.kind == "decode"
    and "something else than the platform answers: a web page, a proxy, a login page of the network"
    or "the connection broke after the request; try again, then ask the platform")
end

function broken.limit(state, err)
  state.report:warning(state.title .. " reply", "not asked: the requests of the last minute fill the limit",
    ("try again in %.0f s"):format((err.retry_after or 60) + 1))
end

function broken.here(state, err)
  state.report:failed(state.title .. " reply", "not asked: " .. err.message, "`reseller config` shows what is in force")
end

local hints = {
  [404] = "the address is right for no such call: check the path of base_url, and reseller_id",
  [429] = "the server counts more requests than this machine does: another one uses the key too",
}

local function check_status(state, err, seconds)
  local status = err and err.status or 200
  local check, words = state.title .. " reply", ("HTTP %d after %.2f s"):format(status, seconds)
  if not err or err.kind == "auth" then return state.report:ok(check, words) end
  words = words .. ": " .. err.message
  if err.kind == "limited" then return state.report:warning(check, words, hints[429]) end
  state.report:failed(check, words, hints[status] or "try again later; then ask the platform")
end

local function check_key(state, err)
  local request = requests[state.platform]
  if not err then return state.report:ok(state.title .. " access", request.good) end
  if err.kind ~= "auth" then return end
  state.report:failed(state.title .. " access", ("refused (HTTP %d): %s"):format(err.status, request.bad),
    core.platforms()[state.platform].credential_hint)
end

--- How far this clock is ahead of the server's, by the Date of a reply that was asked for between two times.
---@param date string|nil
---@param asked number seconds since 1970
---@param answered number
---@return number? seconds nil without a date
function reach.skew(date, asked, answered)
  local theirs = date and errors.retry_after(date, 0)
  if not theirs then return nil end
  -- The header has whole seconds: the server's time was somewhere in that second.
  if asked > theirs + 1 then return asked - theirs - 1 end
  if answered < theirs then return answered - theirs end
  return 0
end

local function check_clock(state, headers, asked, answered)
  local skew, check = reach.skew(headers.date, asked, answered), state.title .. " clock"
  if not skew then return state.report:ok(check, "the reply has no date to compare with") end
  local words = ("this clock is %.0f s %s the server's"):format(math.abs(skew), skew < 0 and "behind" or "ahead of")
  if math.abs(skew) <= SKEW_WARNING then return state.report:ok(check, "agrees with the server's") end
  state.report:add(math.abs(skew) > SKEW_FAILED and "failed" or "warning", check, words,
    "set it by NTP (timedatectl set-ntp true): ends of periods and certificates are judged by it")
end

--- What an answer tells.
local function check_answer(state, err, meta, asked, answered)
  local from, headers = err or meta, (err or meta).headers or {}
  tell_connected(state)
  check_status(state, err, from.elapsed)
  check_key(state, err)
  check_clock(state, headers, asked, answered)
  proxy.check_signs(state.report, state.title, headers)
end

local function ask(state, client, heard, world)
  local request, asked = requests[state.platform], world.time()
  local value, meta = client[request.call](client, request.params)
  local answered = world.time()
  client:close()
  local stage = value == nil and stage_of(meta, heard.sends) or "answered"
  if stage ~= "answered" then return broken[stage](state, meta) end
  check_answer(state, value == nil and meta or nil, meta, asked, answered)
end

--- Reaches one platform.
---@param report reseller.cli.doctor.Report
---@param context reseller.cli.Context
---@param platform string
---@param how { title: string, resolve?: fun(host: string): string[]? }
function reach.check(report, context, platform, how)
  local heard = { sends = 0 }
  local ok, client = pcall(make_client, context, platform, heard)
  if not ok then
    local fault = type(client) == "table" and client or { fault = tostring(client):gsub("^.-reseller%.", "") }
    return report:failed(how.title .. " client", fault.fault, fault.hint or "`reseller config` shows what is in force")
  end
  local state = { report = report, platform = platform, title = how.title, url = client.base_url,
    resolve = how.resolve or reach.resolve }
  check_address(state)
  state.proxied = proxy.check(report, context.world, how.title, client.base_url,
    (context.settings:get("proxy", platform)))
  if check_name(state) then ask(state, client, heard, context.world) end
end

return reach
