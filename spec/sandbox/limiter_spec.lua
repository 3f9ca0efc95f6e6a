-- Each way of counting, at the times of arrival that tell it from the others.
local limiter = require "reseller.sandbox.limiter"

-- How many of the requests that arrive at the given times are admitted; a run of equal marks.
local function verdicts(count, times, window)
  local subject = limiter.new { requests = 2, window = window or 60, count = count }
  local marks = {}
  for i, at in ipairs(times) do
    marks[i] = subject:admit("key", at) and "-" or "+"
  end
  return table.concat(marks)
end

describe("sandbox limiter", function()
  local cases = {
    { "sliding_log", { 0, 50, 59, 60, 109, 110 }, "++-+-+" },
    { "fixed_window", { 0, 50, 59, 60, 61, 62 }, "++-++-" },
    { "fixed_window", { 58, 59, 60, 61, 62 }, "++++-" },
    { "first_hit", { 58, 59, 60, 117, 118, 119, 120 }, "++--++-" },
    { "token_bucket", { 0, 0, 0, 29, 30, 31, 60 }, "++--+-+" },
    { "per_second", { 0.9, 30.2, 59.9, 60.0, 89.9, 90.0 }, "++-+-+" },
  }
  for _, case in ipairs(cases) do
    local count, times, expected = case[1], case[2], case[3]
    it(("counts as %s does at %s"):format(count, table.concat(times, ", ")), function()
      assert.equal(expected, verdicts(count, times))
    end)
  end

  it("scales whole seconds down with a short window", function()
    assert.equal("++-+", verdicts("per_second", { 0, 0.1, 0.4, 0.5 }, 0.5))
  end)

  for _, count in ipairs(limiter.methods()) do
    it("says how long to wait, and admits after that, with " .. count, function()
      local subject = limiter.new { requests = 1, window = 60, count = count }
      assert.is_nil(subject:admit("key", 7.25))
      local wait = subject:admit("key", 8.5)
      assert.is_true(wait > 0 and wait <= 60)
      assert.is_nil(subject:admit("key", 8.5 + wait))
    end)

    it("never admits more than allowed in a burst, with " .. count, function()
      local subject, admitted = limiter.new { requests = 10, window = 60, count = count }, 0
      for i = 0, 99 do
        if not subject:admit("key", 120 + i / 100) then admitted = admitted + 1 end
      end
      assert.equal(10, admitted)
      assert.equal(90, subject:refused())
    end)
  end

  it("counts each key for itself", function()
    local subject = limiter.new { requests = 1, window = 60, count = "sliding_log" }
    assert.is_nil(subject:admit("one", 0))
    assert.is_nil(subject:admit("other", 0))
    assert.is_number(subject:admit("one", 0))
  end)
end)
