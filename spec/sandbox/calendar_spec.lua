local calendar = require "reseller.sandbox.calendar"

describe("sandbox calendar", function()
  local instants = {
    { "1970-01-01T00:00:00Z", 0 },
    { "2000-02-29T12:00:00Z", 951825600000 },
    { "2026-03-10T06:30:48Z", 1773124248000 },
    { "2100-03-01T00:00:01Z", 4107542401000 },
  }
  for _, case in ipairs(instants) do
    it("reads and writes " .. case[1], function()
      assert.equal(case[2], calendar.parse(case[1]))
      assert.equal(case[1], calendar.format(case[2]))
    end)
  end

  it("says what it expected of a date", function()
    local ms, why = calendar.parse "tomorrow"
    assert.is_nil(ms)
    assert.equal("start: expected a time such as 2026-03-10T06:30:48Z, got tomorrow", why)
  end)

  it("runs with the clock it is given and can be moved ahead", function()
    local seconds = 500
    local subject = calendar.new(1000, function() return seconds end)
    assert.equal(1000, subject:now())
    seconds = 502.25
    assert.equal(3250, subject:now())
    subject:advance(86400)
    assert.equal(86403250, subject:now())
  end)
end)
