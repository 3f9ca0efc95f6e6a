local digest = require "openssl.digest"

local openresty = require "spec.support.openresty"
local script = require "spec.support.script"

if not script.is_main_run then return end -- it is nginx's own LuaJIT that runs what is tested here

local DAY = 86400

local box, desk

local function start(variables)
  desk = openresty.start(box, { variables = variables })
  return desk
end

local function finish()
  if desk then desk:stop() end
  desk = nil
end

local function ending(seconds) return openresty.ending(box, seconds) end

--- Bytes as Base64.
local function base64(bytes)
  local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  return (bytes:gsub("..?.?", function(part)
    local a, b, c = part:byte(1, 3)
    local n, text = a * 65536 + (b or 0) * 256 + (c or 0), ""
    for shift = 18, 0, -6 do
      local i = math.floor(n / 2 ^ shift) % 64 + 1
      text = text .. alphabet:sub(i, i)
    end
    return text:sub(1, #part + 1) .. ("="):rep(3 - #part)
  end))
end

describe("GET /", function()
  before_each(function() box = openresty.sandbox() end)
  after_each(function()
    finish()
    box:stop()
  end)

  local VOID = { meta = true }

  --- Fails unless every element is closed where it was opened.
  local function check_well_formed(body)
    local open, text = {}, body:gsub("^<!DOCTYPE html>", ""):gsub("<style>.-</style>", "")
    for slash, name, rest in text:gmatch "<(/?)([%w]+)([^>]*)>" do
      if slash == "/" then
        assert.equal(name, table.remove(open))
      elseif not VOID[name] and rest:sub(-1) ~= "/" then
        open[#open + 1] = name
      end
    end
    assert.same({}, open)
    assert.is_nil(text:gsub("<[^<>]*>", ""):find "[<>]")
    assert.is_nil(text:gsub("&%a+;", ""):gsub("&#39;", ""):find "&")
  end

  --- The words of the page, without its markup.
  local function words(body)
    return (body:gsub("<style>.-</style>", ""):gsub("<title>.-</title>", ""):gsub("<[^>]*>", " "):gsub("%s+", " "))
  end

  it("shows what the sandbox holds", function()
    start()
    local body, counts = desk:get("/").body, box:state().ghostealth.counts
    check_well_formed(body)
    local text = words(body)
    for name, count in pairs { Active = counts.active, Suspended = counts.suspended, Stopped = counts.stopped,
      Terminated = counts.terminated, All = counts.total } do
      assert.truthy(text:find(name .. " " .. count .. " ", 1, true), name .. " " .. count .. " in " .. text)
    end
    assert.truthy(text:find("Balance, USD 25,000.00 ", 1, true), text)
    local soon, place = ending(30 * DAY), 1
    for i = 1, 8 do place = assert.truthy(select(2, text:find(soon[i].id, 1, true)), soon[i].id) and place end
    assert.is_nil(text:find(soon[9].id, 1, true))
    assert.truthy(text:find(#ending(7 * DAY) .. " end within 7 days", 1, true))
  end)

  it("draws a bar for each day, as high as what ends on it", function()
    start()
    local body = desk:get("/").body
    local svg = body:match "<svg.-</svg>"
    local by_day, today = {}, math.floor(os.time() / DAY)
    for _, sub in ipairs(ending(30 * DAY)) do
      local day = math.floor(sub.period["end"].timestamp / 1000 / DAY) - today + 1
      by_day[day] = by_day[day] or { on = 0, off = 0 }
      local part = sub.status == "ACTIVE" and not sub.canceled and "on" or "off"
      by_day[day][part] = by_day[day][part] + 1
    end
    local day, most = 0, 0
    for group in svg:gmatch "<g.-</g>" do
      day = day + 1
      local expected = by_day[day] or { on = 0, off = 0 }
      local on, off = group:match "<title>.-: (%d+) active, (%d+) others</title>"
      assert.same({ expected.on, expected.off }, { tonumber(on), tonumber(off) })
      local sum = 0
      for height in group:gmatch ' height="(%d+)" rx' do sum = sum + tonumber(height) end
      local unit = sum / math.max(1, expected.on + expected.off)
      if sum > 0 then
        most = most > 0 and most or unit
        assert.near(most, unit, 1)
      end
    end
    assert.equal(30, day)
    assert.is_true(most > 0)
  end)

  it("shows the last entries of the ledger, the newest first, and what is unknown", function()
    start()
    local subs = {}
    for _, sub in ipairs(ending(400 * DAY)) do
      if sub.status == "ACTIVE" and not sub.canceled then subs[#subs + 1] = sub.id end
    end
    assert.truthy(desk:get("/").body:find "Nothing was spent or changed lately")
    box:fault { kind = "reset", endpoint = "suspend_subscription", when = "after", after = 21 }
    for i = 1, 22 do desk:webhook { event = "event-" .. i, subscription = subs[i] } end
    local body = desk:get("/").body
    check_well_formed(body)
    local place = 0
    for i = 22, 3, -1 do
      local at = body:find("unpaid event-" .. i .. "<", 1, true)
      assert.is_true(at ~= nil and at > place, "event-" .. i)
      place = at
    end
    assert.is_nil(body:find("unpaid event-2<", 1, true))
    assert.truthy(body:find "1 call in the ledger may or may not have been carried out")
    assert.truthy(body:find '<span class="mark bad">unknown</span>')
  end)

  it("loads nothing, runs nothing, and lets nobody slip anything in", function()
    start()
    local sub = ending(400 * DAY)[1]
    box:fault { kind = "status", endpoint = "suspend_subscription", status = 409,
      body = '{"message":"<script>alert(1)</script> \\" onload=x & {seen}"}' }
    assert.equal(422, desk:webhook({ event = "sly", subscription = sub.id }).status)
    local reply = desk:get "/"
    check_well_formed(reply.body)
    assert.truthy(reply.body:find("&lt;script&gt;alert(1)&lt;/script&gt; &quot; onload=x &amp; {seen}", 1, true))
    for _, never in ipairs { "<script", "<img", "<link", "<iframe", " style=", " src=", " href=", "url(", "@import",
      "javascript:" } do
      assert.is_nil(reply.body:gsub("&lt;script", ""):find(never, 1, true), never)
    end
    local hash = base64(digest.new("sha256"):final(reply.body:match "<style>(.-)</style>"))
    assert.equal(("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
      :format(hash), reply.headers["content-security-policy"])
    assert.same({ "nosniff", "no-referrer", "no-store" }, { reply.headers["x-content-type-options"],
      reply.headers["referrer-policy"], reply.headers["cache-control"] })
  end)

  it("is there for this machine under its own name only", function()
    start()
    assert.equal(421, desk:get("/", { host = "evil.example" }).status)
    assert.equal(200, desk:get("/", { host = "localhost" }).status)
    assert.equal(404, desk:get("/webhooks/unpaid").status)
    assert.equal("", (script.shell(("ss -Hltn | grep -E ':(%d|%d) ' | grep -v 127.0.0.1"):format(desk.pages, desk.webhooks))))
  end)

  it("says so when the ledger cannot be read", function()
    start { DESK_LEDGER = "/dev/null/ledger.db" }
    local reply = desk:get "/"
    assert.equal(200, reply.status)
    check_well_formed(reply.body)
    assert.truthy(reply.body:find("/dev/null/ledger.db", 1, true))
  end)

  it("has no fleet to show for a reseller without subscriptions, but a page", function()
    box:stop()
    box = openresty.sandbox { subscriptions = 0 }
    start()
    local reply = desk:get "/"
    check_well_formed(reply.body)
    assert.truthy(words(reply.body):find "All 0 ")
    assert.equal(0, desk:get("/subscriptions/expiring").value.count)
  end)
end)
