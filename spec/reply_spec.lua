local reply = require "reseller.reply"
local errors = require "reseller.errors"
local reseller = require "reseller"

local KEY = "GHO-abcdefghij-STEA-klmnopqrst-LTH"
local gs = reseller.ghostealth { api_key = KEY, base_url = "https://api.ghostealth.com/dev/v1.0" }
local ap = reseller.activeplatform { api_token = "vY5fwetestK3gJXZH5uHCw", base_url = "https://portal.example.com" }

local rows = {}
for _, row in ipairs(reseller.endpoints()) do rows[row.platform .. "." .. row.id] = row end
local read, list, spend, renew, transition = rows["ghostealth.get_reseller"], rows["ghostealth.list_subscriptions"],
  rows["ghostealth.create_subscription"], rows["ghostealth.renew_subscription"], rows["ghostealth.suspend_subscription"]
local ap_read = rows["activeplatform.get_subscription"]

local function judge(row, status, body, headers)
  local client = row.platform == "ghostealth" and gs or ap
  return reply.judge(client, row, { status = status, headers = headers or {}, body = body or "", attempts = 1, sends = 1, elapsed = 0.1 })
end

local function broken(row, kind, sends)
  return reply.judge(gs, row, { kind = kind, message = "m", attempts = sends, sends = sends, elapsed = 0.1 })
end

describe("a reply", function()
  local after = { ["retry-after"] = "7" }
  --  status, headers, kind for a read, kind for a spend and a transition
  for _, case in ipairs {
    { 400, nil, "rejected", "rejected" }, { 401, nil, "auth", "auth" }, { 402, nil, "rejected", "rejected" },
    { 403, nil, "auth", "auth" }, { 404, nil, "not_found", "not_found" }, { 408, nil, "rejected", "unknown" },
    { 409, nil, "rejected", "rejected" }, { 422, nil, "rejected", "rejected" }, { 429, nil, "limited", "limited" },
    { 429, after, "limited", "limited" }, { 500, nil, "server", "unknown" }, { 502, nil, "server", "unknown" },
    { 503, nil, "server", "unknown" }, { 503, after, "limited", "limited" }, { 504, nil, "server", "unknown" },
    { 301, nil, "rejected", "unknown" }, { 303, nil, "rejected", "unknown" }, { 307, nil, "rejected", "unknown" },
    { 100, nil, "rejected", "unknown" }, { 599, nil, "server", "unknown" },
  } do
    it(("of status %d%s is %s, and %s for what must not be done twice"):format(case[1], case[2] and " with Retry-After" or "",
      case[3], case[4]), function()
      for row, kind in pairs { [read] = case[3], [list] = case[3], [spend] = case[4], [renew] = case[4], [transition] = case[4] } do
        local value, err = judge(row, case[1], "{}", case[2])
        assert.is_nil(value)
        assert.equal(kind, err.kind)
        assert.equal(case[1], err.status)
        assert.equal("yes", err.sent)
        assert.equal(row.id, err.endpoint)
      end
    end)
  end

  for _, kind in ipairs { "network", "timeout", "tls", "decode", "too_large", "memory" } do
    it("that broke off with " .. kind .. " is unknown for a spend once it was sent", function()
      for _, row in ipairs { spend, renew, transition } do
        local _, err = broken(row, kind, 1)
        assert.equal("unknown", err.kind)
        assert.equal("maybe", err.sent)
        _, err = broken(row, kind, 0)
        assert.equal(kind, err.kind)
        assert.equal("no", err.sent)
      end
      for sends = 0, 1 do assert.equal(kind, select(2, broken(read, kind, sends)).kind) end
    end)
  end

  for _, body in ipairs { "", "<html><title>Welcome</title></html>", "{", "[NaN]", '"text"', "5", "null", '{"data":{"id":"\255"}}', "{} {}" } do
    it(("of 200 with the body %q is unreadable"):format(body), function()
      assert.equal("decode", select(2, judge(read, 200, body)).kind)
      assert.equal("decode", select(2, judge(list, 200, body)).kind)
      assert.equal("unknown", select(2, judge(spend, 200, body)).kind)
      assert.equal("unknown", select(2, judge(renew, 200, body)).kind)
      if body ~= "" then assert.equal("unknown", select(2, judge(transition, 200, body)).kind) end
    end)
  end

  it("is an empty object for a transition, with or without a body", function()
    assert.same({}, (judge(transition, 200, "{}")))
    assert.same({}, (judge(transition, 200, "")))
    assert.same({}, (judge(transition, 204, "")))
  end)

  it("loses its envelope", function()
    assert.same({ id = "su_1" }, (judge(spend, 200, '{"data":{"id":"su_1"}}')))
    assert.same({ id = "su_1" }, (judge(spend, 201, '{"data":{"id":"su_1"}}')))
    assert.same({ success = true, message = "ok" }, (judge(renew, 200, '{"success":true,"message":"ok"}')))
  end)

  it("without an object where one is due is unreadable", function()
    for _, body in ipairs { "{}", '{"data":null}', '{"data":[]}', '{"data":{}}', '{"data":[{"id":"x"}]}', '{"data":"x"}' } do
      assert.equal("decode", select(2, judge(read, 200, body)).kind)
      assert.equal("unknown", select(2, judge(spend, 200, body)).kind)
    end
  end)

  it("that says no success is rejected, not done", function()
    for _, body in ipairs { '{"success":false,"message":"Insufficient balance."}', '{"success":"false"}', '{"success":0,"data":{"id":"x"}}' } do
      assert.equal("rejected", select(2, judge(renew, 200, body)).kind)
      assert.equal("rejected", select(2, judge(spend, 200, body)).kind)
      assert.equal("rejected", select(2, judge(read, 200, body)).kind)
    end
    assert.equal("Insufficient balance.", select(2, judge(renew, 200, '{"success":false,"message":"Insufficient balance."}')).message)
  end)

  it("to a renew that says nothing of success is unknown", function()
    assert.equal("unknown", select(2, judge(renew, 200, "{}")).kind)
    assert.equal("unknown", select(2, judge(renew, 200, '{"message":"ok"}')).kind)
  end)

  for body, count in pairs {
    ['{"data":[{"id":"a"},{"id":"b"}]}'] = 2, ['{"data":{"id":"a"}}'] = 1, ['{"data":[]}'] = 0, ['{"data":null}'] = 0, ["{}"] = 0,
    ['{"data":{"content":[{"id":"a"}]}}'] = 1, ['{"data":{"content":[]}}'] = 0, ['{"data":{}}'] = 0,
  } do
    it(("to a list, %s, is an array of %d"):format(body, count), function()
      assert.equal(count, #assert((judge(list, 200, body))))
    end)
  end

  it("tells status, headers, attempts, time and the server's id of the request", function()
    local _, meta = judge(read, 200, '{"data":{"id":"a"}}', { ["x-request-id"] = "r-1" })
    assert.same({ 200, 1, 0.1, "r-1", "r-1" },
      { meta.status, meta.attempts, meta.elapsed, meta.request_id, meta.headers["x-request-id"] })
    local _, err = judge(read, 500, "", { ["x-request-id"] = "r-2" })
    assert.same({ 500, 1, 0.1, "r-2" }, { err.status, err.attempts, err.elapsed, err.request_id })
  end)

  it("keeps the undecorated document within reach", function()
    local sub, meta = judge(ap_read, 200, '{"data":{"id":"1","type":"subscriptions","attributes":{"n":1}},"links":{"self":"x"}}')
    assert.equal(1, sub.n)
    assert.equal(1, meta.document.data.attributes.n)
    assert.equal("x", meta.document.links.self)
    assert.equal(meta.document, meta.document)
    assert.is_nil(meta.something)
  end)

  it("with an endless explanation is told in short", function()
    local _, err = judge(read, 400, '{"message":"' .. ("Ю"):rep(100000) .. '"}')
    assert.is_true(#err.message <= 1010)
    assert.is_true(require("reseller.core").valid_utf8(err.message))
  end)

  it("that redirects is an error that names where to", function()
    local _, err = judge(read, 302, "", { location = "https://evil.example.com/" })
    assert.equal("a redirect, which is not followed: https://evil.example.com/", err.message)
  end)

  it("that refuses the key tells which key is meant", function()
    assert.truthy(select(2, judge(read, 401, '{"message":"Unauthorized"}')).message:find("Unauthorized; use the key from the reseller dashboard", 1, true))
    assert.truthy(select(2, judge(ap_read, 403, "")).message:find "role")
  end)

  it("carries the wait that the server asked for", function()
    assert.equal(7, select(2, judge(read, 429, "", after)).retry_after)
    assert.is_nil(select(2, judge(read, 429, "")).retry_after)
  end)
end)

describe("errors.text", function()
  for body, expected in pairs {
    ['{"errors":{"title":"not waiting for payment","status":"422"}}'] = "not waiting for payment",
    ['{"errors":[{"title":"a"},{"title":"b","detail":"c"}]}'] = "a; b: c",
    ['{"errors":["a","b"]}'] = "a; b", ['{"errors":"a"}'] = "a", ['{"errors":{"name":["is short"],"age":"is low"}}'] = false,
    ['{"success":false,"message":"Insufficient balance."}'] = "Insufficient balance.", ['{"error":"nope"}'] = "nope",
    ['{"error":{"message":"deep"}}'] = "deep", ['{"title":"Bad","detail":"very"}'] = "Bad: very", ['{"data":{"message":"in data"}}'] = "in data",
    ["<html><head><title>502 Bad Gateway</title></head><body>x</body></html>"] = "a web page: 502 Bad Gateway",
    ["<h1>\n Oops </h1>"] = "a web page: Oops", ["<p>gone <b>away</b></p>"] = "a web page: gone away",
    ["plain words\nand more"] = "plain words",
  } do
    it("reads " .. body, function()
      local text = errors.text(body, (require("reseller.json").decode(body)))
      if expected then assert.equal(expected, text) else assert.truthy(text:find "name: is short" and text:find "age: is low") end
    end)
  end

  for _, body in ipairs { "", "{}", "[]", '{"errors":[]}', '{"errors":{}}', '{"errors":null}', '{"message":""}', "<>", '{"errors":[1,[2]]}' } do
    it(("finds nothing in %q"):format(body), function()
      assert.is_nil(errors.text(body, (require("reseller.json").decode(body))))
    end)
  end

  it("shows no raw bytes of a binary body", function()
    assert.is_nil(errors.text("\27[2J\255\1abc", nil):find "[^\32-\126]")
  end)
end)

describe("errors.retry_after", function()
  local now = 1773124248 -- 2026-03-10T06:30:48Z
  for header, expected in pairs { ["120"] = 120, [" 5 "] = 5, ["0"] = 0, ["Tue, 10 Mar 2026 06:31:48 GMT"] = 60,
    ["Tue, 10 Mar 2026 06:30:00 GMT"] = 0, ["Thu, 01 Jan 1970 00:00:00 GMT"] = 0, ["Fri, 29 Feb 2028 00:00:00 GMT"] = 62270952 } do
    it("reads " .. header, function() assert.equal(expected, errors.retry_after(header, now)) end)
  end
  for _, header in ipairs { "", "soon", "-5", "1.5", "Tue, 10 Xxx 2026 06:31:48 GMT", "2026-03-10T06:31:48Z" } do
    it(("ignores %q"):format(header), function() assert.is_nil(errors.retry_after(header, now)) end)
  end
  it("ignores an absent header", function() assert.is_nil(errors.retry_after(nil, now)) end)
end)

describe("masking", function()
  for text, expected in pairs {
    ["key " .. KEY .. " end"] = "key *** end",
    ["cut " .. KEY:sub(1, 20)] = "cut ***",
    ["other GHO-LSfSJw4r9m-STEA-UbWR69hGWJ-LTH."] = "other ***.",
    ['{"apiKey": "x y", "n": 1}'] = '{"apiKey": "***", "n": 1}',
    ['{"APIKEY":"x","a":"apiKey"}'] = '{"APIKEY":"***","a":"apiKey"}',
    ['{"first_password":"p\\"q","admin_login" : "admin"}'] = '{"first_password":"***","admin_login" : "***"}',
    ['{"first_password":null,"password":12345}'] = '{"first_password":***,"password":***}',
    ['{"first_password":"cut'] = '{"first_password":"***"',
    ['{\\"first_password\\":\\"p\\",\\"n\\":1}'] = '{\\"first_password\\":***,\\"n\\":1}',
    ["nothing to hide"] = "nothing to hide", [""] = "", ['"'] = '"', ['"apiKey"'] = '"apiKey"', ['"apiKey":'] = '"apiKey":',
  } do
    it(("makes %q of %q"):format(expected, text), function() assert.equal(expected, gs:mask_(text)) end)
  end

  it("covers message, body and headers of an error", function()
    local _, err = judge(read, 400, '{"message":"bad key ' .. KEY .. '","apiKey":"secret-two"}', { ["x-echo"] = "ApiKey " .. KEY })
    local function clean(text) return not text:find(KEY, 1, true) and not text:find("secret-two", 1, true) end
    assert.is_true(clean(err.message) and clean(err.body) and clean(err.headers["x-echo"]) and clean(tostring(err)))
  end)

  it("comes before the body is cut to 512 bytes", function()
    local _, err = judge(read, 400, ("x"):rep(500) .. KEY .. ("y"):rep(500))
    assert.equal(512, #err.body)
    assert.is_nil(err.body:find("GHO-", 1, true))
  end)
end)
