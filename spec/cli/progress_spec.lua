if _VERSION ~= "Lua 5.4" then return end

local progress = require "reseller.cli.progress"
local support = require "spec.cli.gate_support"

describe("a wait that can be seen", function()
  local plain, ticker = require "reseller.host.plain", require "reseller.cli.ticker"

  it("goes in steps of a second, to its end", function()
    local now, sleep, clock, steps, slept = plain.now, plain.sleep, 100, 0, {}
    plain.now = function() return clock end
    plain.sleep = function(seconds)
      slept[#slept + 1] = seconds
      clock = clock + seconds
    end
    local host = ticker(function() steps = steps + 1 end)
    local ok, why = pcall(host.sleep, 2.5)
    plain.now, plain.sleep = now, sleep
    assert.is_true(ok, why)
    assert.same({ { 1, 1, 0.5 }, 3, 102.5 }, { slept, steps, clock })
    assert.equal(plain.perform, host.perform)
  end)
end)

describe("progress", function()
  local function begin(options)
    local world = support.world { terminal = options.terminal ~= false, columns = options.columns or 80 }
    local shown = progress.new { world = world, doing = "Renewing", total = options.total or 100,
      eta = function(left) return left * (options.pace or 0) end }
    shown:begin()
    return shown, world
  end

  --- What stands on the line now.
  local function line(world) return world.err.text:match "\r([^\r\27]*)\27%[K\27%[%?7h[^\r]*$" end

  it("draws one line, in its place", function()
    local shown, world = begin { pace = 6 }
    for _ = 1, 50 do
      world.clock = world.clock + 1
      shown:count("done", true)
    end
    assert.equal("Renewing [###############...............] 50/100  50 done  5 min 00 s left", line(world))
    assert.is_nil(world.err.text:find "\n")
  end)

  it("tells what failed, and what is unknown", function()
    local shown, world = begin { total = 4 }
    for _, outcome in ipairs { "done", "failed", "unknown" } do
      world.clock = world.clock + 1
      shown:count(outcome, true)
    end
    assert.truthy(line(world):find("3/4  1 done, 1 failed, 1 unknown  1 s left", 1, true))
  end)

  it("takes the limit or the pace for the time left, whichever is longer", function()
    local shown, world = begin { pace = 1 }
    world.clock = 20
    shown:count("done", true)
    assert.truthy(line(world):find("33 min 00 s left", 1, true))
  end)

  it("does not count for the pace what took no time", function()
    local shown, world = begin { total = 10 }
    shown:count "done"
    shown:count "done"
    world.clock = 4
    shown:count("done", true)
    assert.truthy(line(world):find("28 s left", 1, true))
  end)

  it("stays narrower than the terminal, down to next to nothing", function()
    for columns = 10, 200 do
      local shown, world = begin { columns = columns, total = 1000, pace = 6 }
      for i, outcome in ipairs { "done", "failed", "unknown" } do
        world.clock = i
        shown:count(outcome, true)
      end
      assert.is_true(#line(world) < columns, columns .. ": " .. line(world))
      shown:wait(42, "limit")
      assert.is_true(#line(world) < columns, columns .. ": " .. line(world))
      if columns >= 40 then assert.truthy(line(world):find "waits 42 s") end
    end
  end)

  it("shows a wait with its seconds, going down", function()
    local shown, world = begin { pace = 6 }
    shown:wait(42, "limit")
    assert.truthy(line(world):find("waits 42 s for the limit, 10 min 00 s left", 1, true))
    world.clock = 10.5
    shown:tick()
    assert.truthy(line(world):find("waits 32 s for the limit", 1, true))
    world.clock = 50
    shown:count("done", true)
    assert.is_nil(line(world):find "waits")
  end)

  it("does not draw more often than ten times a second", function()
    local shown, world = begin {}
    local before = #world.err.text
    shown:count("done", true)
    assert.equal(before, #world.err.text)
    world.clock = 0.2
    shown:count("done", true)
    assert.is_true(#world.err.text > before)
  end)

  it("ends the line once, with all that was counted", function()
    local shown, world = begin { total = 2 }
    shown:count("done", true)
    shown:count("failed", true)
    shown:close()
    shown:close()
    assert.equal("Renewing [##############################] 2/2  1 done, 1 failed", line(world))
    assert.equal(1, select(2, world.err.text:gsub("\n", "")))
  end)

  it("takes back what was counted", function()
    local shown, world = begin { total = 2 }
    shown:count("unknown", true)
    shown:uncount "unknown"
    world.clock = 1
    shown:count("done", true)
    assert.truthy(line(world):find("1/2  1 done  ", 1, true))
  end)

  it("writes a line now and then where there is no terminal", function()
    local shown, world = begin { terminal = false, pace = 6 }
    for _ = 1, 99 do
      world.clock = world.clock + 1
      shown:count("done", true)
    end
    shown:close()
    local lines = {}
    for text in world.err.text:gmatch "[^\n]+" do lines[#lines + 1] = text end
    assert.same({ "Renewing: 10 of 100: 10 done, about 9 min 00 s left", "Renewing: 40 of 100: 40 done, about 6 min 00 s left",
      "Renewing: 70 of 100: 70 done, about 3 min 00 s left" }, lines)
    assert.is_nil(world.err.text:find "[\r\27]")
  end)

  it("says that it waits, where there is no terminal, when that takes long", function()
    local shown, world = begin { terminal = false, pace = 6 }
    shown:wait(5, "limit")
    assert.equal("", world.err.text)
    shown:wait(60, "limit")
    assert.equal("Renewing: 0 of 100: 0 done, about 10 min 00 s left\n", world.err.text)
  end)
end)
