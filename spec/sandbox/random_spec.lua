local random = require "reseller.sandbox.random"

describe("sandbox random", function()
  local function draws(seed)
    local subject, drawn = random.new(seed), {}
    for i = 1, 20 do
      drawn[i] = subject:between(1, 1000)
    end
    return drawn
  end

  it("draws the same numbers for the same seed on every Lua", function()
    assert.same(draws(7), draws(7))
    assert.not_same(draws(7), draws(8))
    local subject = random.new(0)
    assert.same({ 16807, 282475249, 1622650073 },
      { subject:between(0, 2147483646), subject:between(0, 2147483646), subject:between(0, 2147483646) })
  end)

  it("stays within bounds and reaches both", function()
    local subject, seen = random.new(3), {}
    for _ = 1, 200 do
      seen[subject:between(-1, 2)] = true
    end
    assert.same({ [-1] = true, [0] = true, [1] = true, [2] = true }, seen)
  end)

  it("draws by chance about as often as told", function()
    local subject, hits = random.new(3), 0
    for _ = 1, 2000 do
      if subject:chance(25) then hits = hits + 1 end
    end
    assert.is_true(hits > 400 and hits < 600)
  end)
end)
