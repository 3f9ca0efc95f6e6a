-- Every kind of fault, seen from the other end of a socket.
local errno = require "cqueues.errno"
local exchanges = require "spec.sandbox.exchanges"
local sandbox = require "spec.support.sandbox"

local READ = exchanges.closing(exchanges.READ)
local RENEW = exchanges.closing(exchanges.RENEW)
local CREATE = exchanges.closing(exchanges.CREATE)

describe("sandbox fault", function()
  local box
  before_each(function() box = sandbox.shared() end)

  -- What comes back for a request under a fault.
  local function under(fault, request)
    box:fault(fault)
    return exchanges.send(box, request)
  end

  local breaks = {
    { "close", RENEW, nil }, { "close", CREATE, nil },
    { "reset", READ, errno.ECONNRESET }, { "reset", RENEW, errno.ECONNRESET },
    { "reset", CREATE, errno.ECONNRESET }, { "reset", exchanges.CREATE, errno.ECONNRESET },
  }
  for i, case in ipairs(breaks) do
    for _, when in ipairs { "before", "after" } do
      it(("%s breaks the connection %s acting, case %d"):format(case[1], when, i), function()
        local received, code = under({ kind = case[1], when = when }, case[2])
        assert.same({ "", case[3] }, { received, code })
        local spends = case[2] ~= READ and when == "after"
        assert.equal(spends and 1 or 0, #box:charges())
        assert.equal(when == "after", box:requests()[1].executed)
      end)
    end
  end

  it("reset spares requests that it does not match", function()
    box:fault { kind = "reset", method = "DELETE" }
    local peer = box:connect()
    for _ = 1, 2 do
      for _, request in ipairs { exchanges.CREATE, exchanges.RENEW, exchanges.READ } do
        peer:write(request)
        peer:flush()
        assert.equal(200, (exchanges.read_reply(peer)))
      end
    end
    peer:close()
    assert.equal(4, #box:charges())
  end)

  it("cut ends the reply at any byte, having acted", function()
    local whole = under({ kind = "cut", at = 100000 }, RENEW)
    box:reset()
    for at = 0, #whole, 7 do
      local received, code = under({ kind = "cut", at = at }, RENEW)
      assert.equal(at, #received)
      assert.is_nil(code)
    end
    assert.equal(math.floor(#whole / 7) + 1, #box:charges())
  end)

  it("cut can count from the body on, and reset in place of closing", function()
    assert.matches('\r\n\r\n{"succ$', (under({ kind = "cut", at = 6, of = "body" }, RENEW)))
    box:fault { kind = "cut", at = 15, reset = true }
    local peer = box:connect()
    peer:write(CREATE)
    peer:flush()
    assert.equal("HTTP/1.1 200 OK", peer:read(15))
    assert.equal(errno.ECONNRESET, select(2, exchanges.drain(peer)))
    peer:close()
    assert.equal(2, #box:charges())
  end)

  it("cut before acting cuts a refusal", function()
    assert.equal("HTTP/1.1 503", (under({ kind = "cut", at = 12, when = "before" }, RENEW)))
    assert.equal(0, #box:charges())
  end)

  for _, left in ipairs { 1, 10, 62, 63, 200 } do
    it(("cut_request reads all but %d bytes and acts on nothing"):format(left), function()
      local received, code = under({ kind = "cut_request", at = #CREATE - left }, CREATE)
      assert.same({ "", errno.ECONNRESET }, { received, code })
      assert.equal(0, #box:charges())
    end)
  end

  it("delay holds the reply back", function()
    box:fault { { kind = "delay", seconds = 0.05 }, { kind = "delay", seconds = 0.05, when = "after" } }
    local before = box:state().clock
    exchanges.send(box, READ)
    assert.is_true(box:state().clock - before >= 0.1)
  end)

  it("status answers in the platform's style, with headers of its own", function()
    local received = under({ kind = "status", status = 503, headers = { ["Retry-After"] = "7" } }, RENEW)
    assert.matches("^HTTP/1.1 503 .*retry%-after: 7\r\n", received)
    assert.matches('{"success":false,"message":".+"}$', received)
    assert.equal(0, #box:charges())
  end)

  it("status can have a body of its own", function()
    assert.matches("\r\n\r\nbusy$", (under({ kind = "status", status = 500, body = "busy" }, RENEW)))
  end)

  it("garbage is not HTTP", function()
    assert.equal("\0\255\27]\n\128\195(\222\173\190\239\r\n\r\n", (under({ kind = "garbage" }, READ)))
    assert.equal("SSH-2.0\r\n", (under({ kind = "garbage", body = "SSH-2.0\r\n" }, READ)))
  end)

  it("html comes with 502 or with 200", function()
    assert.matches("^HTTP/1.1 502 .*content%-type: text/html\r\n.*<html>", (under({ kind = "html" }, READ)))
    assert.matches("^HTTP/1.1 200 .*<html>", (under({ kind = "html", status = 200 }, READ)))
  end)

  local bodies = { '{"data":', '{"data":"\255\254"}', '{"data":NaN}', ("["):rep(5000), "\0\1\2" }
  for i, body in ipairs(bodies) do
    it(("body can be any bytes, case %d"):format(i), function()
      local received = under({ kind = "body", body = body, content_type = "application/problem" }, READ)
      assert.matches("^HTTP/1.1 200 .*content%-type: application/problem\r\n", received)
      assert.equal(body, received:match "\r\n\r\n(.*)$")
    end)
  end

  it("oversized announces its length or comes in chunks", function()
    local announced = under({ kind = "oversized", size = 300000 }, READ)
    assert.matches("content%-length: 300000\r\n", announced)
    assert.equal(300000, #announced:match "\r\n\r\n(.*)$")
    local chunked = under({ kind = "oversized", size = 300000, chunked = true }, READ)
    assert.matches("transfer%-encoding: chunked\r\n", chunked)
    assert.is_true(#chunked > 300000 and chunked:sub(-5) == "0\r\n\r\n")
  end)

  it("gzip packs the right reply", function()
    local received = under({ kind = "gzip" }, RENEW)
    assert.matches("content%-encoding: gzip\r\n", received)
    assert.matches("\r\n\r\n\31\139\8", received)
    assert.is_truthy(received:find('{"success":true,', 1, true))
    assert.equal(1, #box:charges())
  end)

  it("gzip_bomb is small on the wire", function()
    local received = under({ kind = "gzip_bomb", size = 10000000 }, READ)
    assert.matches("content%-encoding: gzip\r\n", received)
    assert.is_true(#received < 70000)
  end)

  it("huge_header pads the right reply", function()
    local received = under({ kind = "huge_header", size = 100000 }, RENEW)
    assert.is_true(#received > 100000)
    assert.matches('"success":true', received)
  end)

  it("redirect points elsewhere", function()
    local received = under({ kind = "redirect", location = "http://evil.example/" }, RENEW)
    assert.matches("^HTTP/1.1 302 .*location: http://evil.example/\r\n", received)
    assert.equal(0, #box:charges())
    assert.matches("^HTTP/1.1 307 ", (under({ kind = "redirect", location = "/", status = 307 }, RENEW)))
  end)

  it("duplicate sends the reply twice on a connection that stays open", function()
    box:fault { kind = "duplicate" }
    local peer = box:connect()
    for _, request in ipairs { exchanges.RENEW, "", exchanges.READ } do
      peer:write(request)
      peer:flush()
      assert.equal(200, (exchanges.read_reply(peer)))
    end
    peer:close()
    assert.equal(1, #box:charges())
  end)

  it("empty has no body", function()
    local received = under({ kind = "empty", when = "after" }, RENEW)
    assert.matches("^HTTP/1.1 200 .*content%-length: 0\r\n.*\r\n\r\n$", received)
    assert.equal(1, #box:charges())
  end)

  it("goes off under load for as many requests as it was told", function()
    box:fault { kind = "reset", times = 5, when = "after" }
    local resets = 0
    for _ = 1, 20 do
      local _, code = exchanges.send(box, RENEW)
      if code == errno.ECONNRESET then resets = resets + 1 end
    end
    assert.same({ 5, 20 }, { resets, #box:charges() })
  end)

  it("is refused when it makes no sense", function()
    assert.error_matches(function() box:fault { kind = "nope" } end, "no fault is called nope")
  end)
end)
