local retry = require "reseller.retry"
local clients = require "spec.support.clients"
local sandbox = require "spec.support.sandbox"

local after = { ["retry-after"] = "1" }

describe("retry.reason", function()
  for _, case in ipairs { -- what came, sends, reason for read and write, reason for transition and spend
    { { kind = "network" }, 0, "unsent", "unsent" }, { { kind = "network" }, 1, "broken", nil },
    { { kind = "timeout" }, 0, "unsent", "unsent" }, { { kind = "timeout" }, 1, "broken", nil },
    { { kind = "tls" }, 0, nil, nil }, { { kind = "decode" }, 1, nil, nil }, { { kind = "too_large" }, 1, nil, nil }, { { kind = "memory" }, 0, nil, nil },
    { { status = 200 }, 1, nil, nil }, { { status = 301 }, 1, nil, nil }, { { status = 400 }, 1, nil, nil }, { { status = 404 }, 1, nil, nil },
    { { status = 408 }, 1, "passing", nil }, { { status = 409 }, 1, nil, nil }, { { status = 429 }, 1, "limited", "limited" },
    { { status = 500 }, 1, "passing", nil }, { { status = 501 }, 1, nil, nil }, { { status = 502 }, 1, "passing", nil },
    { { status = 503 }, 1, "passing", nil }, { { status = 503, headers = after }, 1, "limited", "limited" }, { { status = 504 }, 1, "passing", nil },
  } do
    local wire, sends = case[1], case[2]
    wire.headers = wire.headers or {}
    it(("of %s%s after %d sends"):format(wire.kind or wire.status, wire.headers["retry-after"] and " with Retry-After" or "", sends), function()
      for effect, reason in pairs { read = case[3] or false, write = case[3] or false, transition = case[4] or false, spend = case[4] or false } do
        assert.equal(reason or nil, retry.reason(effect, wire, sends))
      end
    end)
  end
end)

describe("retry.delay", function()
  it("doubles up to ten seconds, and takes a random part", function()
    local most = {}
    for tries = 1, 8 do most[tries] = retry.delay(tries, function() return 1 end) end
    assert.same({ 0.25, 0.5, 1, 2, 4, 8, 10, 10 }, most)
    assert.equal(0, retry.delay(5, function() return 0 end))
  end)
end)

describe("a call", function()
  local box, host
  before_each(function() box, host = sandbox.shared(), clients.host() end)

  local function client(options)
    options = options or {}
    options.host = host
    return clients.ghostealth(box, options)
  end

  for _, fault in ipairs { { kind = "close" }, { kind = "reset" }, { kind = "status", status = 500, body = "" }, { kind = "html", status = 502 },
    { kind = "cut", at = 30 }, { kind = "status", status = 503, body = "", headers = after } } do
    it(("that reads is repeated after %s %s"):format(fault.kind, fault.status or ""), function()
      fault.times = 2
      box:fault(fault)
      local value, meta = client():get_reseller()
      assert.is_table(value, tostring(meta))
      assert.equal(3, #box:requests())
      assert.equal(3, meta.attempts)
    end)
  end

  for _, fault in ipairs { { kind = "close" }, { kind = "reset" }, { kind = "status", status = 500, body = "" }, { kind = "html", status = 502 },
    { kind = "cut", at = 30 }, { kind = "status", status = 408, body = "" }, { kind = "status", status = 503, body = "" } } do
    for _, when in ipairs { "before", "after" } do
      it(("that spends is sent once, whatever comes: %s %s %s acting"):format(fault.kind, fault.status or "", when), function()
        fault.times, fault.when = 5, when
        box:fault(fault)
        local _, err = client { retries = 10 }:create_subscription { billingCycle = "WEEKLY", connections = 100 }
        assert.same({ "unknown", 1 }, { err.kind, err.attempts })
        assert.equal(1, #box:requests())
      end)
    end
  end

  it("gives up after as many retries as it may have, and tells how often it was sent", function()
    box:fault { kind = "status", status = 500, body = "", times = 50 }
    local _, err = client { retries = 2 }:get_reseller()
    assert.same({ "server", 3 }, { err.kind, err.attempts })
    assert.equal(3, #box:requests())
    _, err = client { retries = 0 }:get_reseller()
    assert.equal(1, err.attempts)
  end)

  it("waits longer each time, and never past its timeout", function()
    box:fault { kind = "status", status = 500, body = "", times = 50 }
    client { retries = 9, timeout = 3 }:get_reseller()
    local total = 0
    for i, sleep in ipairs(host.sleeps) do
      assert.is_true(sleep <= 0.25 * 2 ^ (i - 1))
      total = total + sleep
    end
    assert.is_true(total <= 3)
  end)

  it("tells that it waits, and why", function()
    local reasons = {}
    box:fault { kind = "status", status = 500, body = "" }
    client { on_wait = function(seconds, reason) reasons[#reasons + 1] = { seconds, reason } end }:get_reseller()
    assert.equal("retry", reasons[1][2])
    assert.is_number(reasons[1][1])
  end)

  it("does not multiply the traffic of an outage", function()
    box:fault { kind = "status", status = 500, body = "", times = 1000 }
    local gs = client { retries = 3 }
    for _ = 1, 50 do gs:get_reseller() end
    assert.is_true(#box:requests() <= 60, #box:requests())
  end)

  it("is repeated again once the service has recovered for a while", function()
    box:fault { kind = "status", status = 500, body = "", times = 40 }
    local gs = client { retries = 3 }
    for _ = 1, 30 do gs:get_reseller() end
    box:clear_faults()
    for _ = 1, 20 do assert(gs:get_reseller()) end
    box:fault { kind = "close" }
    assert(gs:get_reseller())
  end)

  it("that times out leaves time for another try", function()
    box:fault { kind = "delay", seconds = 30 }
    local value, meta = client { timeout = 0.9 }:get_reseller()
    assert.is_table(value, tostring(meta))
    assert.equal(2, meta.attempts)
  end)
end)
