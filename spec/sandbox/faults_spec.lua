local faults = require "reseller.sandbox.faults"

local RENEW = { endpoint = "renew", platform = "shop", method = "PUT", path = "/dev/v1.0/x/1" }

local function armed(...)
  local subject = faults.new()
  assert(subject:arm { ... })
  return subject
end

describe("sandbox faults", function()
  local matches = {
    { {}, true },
    { { endpoint = "renew" }, true },
    { { endpoint = "create" }, false },
    { { platform = "shop", method = "PUT" }, true },
    { { method = "POST" }, false },
    { { path = "/dev/v1.0/x" }, true },
    { { path = "/api" }, false },
  }
  for i, case in ipairs(matches) do
    it(("match by what they name, case %d"):format(i), function()
      case[1].kind = "close"
      assert.equal(case[2], armed(case[1]):take(RENEW).fault ~= nil)
    end)
  end

  it("let some requests pass and go off as often as told", function()
    local subject, fired = armed { kind = "close", after = 2, times = 3 }, {}
    for i = 1, 7 do
      fired[i] = subject:take(RENEW).fault and "x" or "."
    end
    assert.equal("..xxx..", table.concat(fired))
    assert.same({}, subject:list())
  end)

  it("go off one at a time, with delays and odd pages besides", function()
    local subject = armed(
      { kind = "delay", seconds = 1 }, { kind = "reset" }, { kind = "close" },
      { kind = "page", cap = 3 }, { kind = "delay", seconds = 2, when = "after" }
    )
    local plan = subject:take(RENEW)
    assert.equal("reset", plan.fault.kind)
    assert.equal(1, plan.delay_before)
    assert.equal(2, plan.delay_after)
    assert.equal(3, plan.oddity.cap)
    assert.equal("close", subject:take(RENEW).fault.kind)
  end)

  it("act before the request or after it, as suits their kind", function()
    local subject = armed({ kind = "status", status = 503 }, { kind = "cut", at = 0 })
    assert.equal("before", subject:take(RENEW).fault.when)
    assert.equal("after", subject:take(RENEW).fault.when)
  end)

  local refusals = {
    { { kind = "nope" }, "kind: no fault is called nope" },
    { { kind = "delay" }, "seconds: required for a fault of kind delay" },
    { { kind = "delay", seconds = "1" }, "seconds: expected a number, got 1" },
    { { kind = "close", seconds = 1 }, "seconds: unknown in a fault" },
    { { kind = "close", when = "later" }, "when: expected before or after, got later" },
    { { kind = "cut_request", at = 1, when = "after" }, "when: expected before, got after" },
    { { kind = "status", status = 99 }, "status: expected a status, got 99" },
    { { kind = "cut", at = -1 }, "at: expected a count, got -1" },
  }
  for _, case in ipairs(refusals) do
    it("are refused: " .. case[2], function()
      local subject = faults.new()
      local ok, why = subject:arm { { kind = "close" }, case[1] }
      assert.is_nil(ok)
      assert.equal(case[2], why)
      assert.same({}, subject:list())
    end)
  end
end)
