local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local duration = require "reseller.cli.duration"
local when = require "reseller.cli.when"

describe("spans of time", function()
  local spans = { ["30s"] = 30, ["30m"] = 1800, ["90min"] = 5400, ["12h"] = 43200, ["7d"] = 604800, ["2w"] = 1209600, ["1d12h"] = 129600,
    ["1.5h"] = 5400, ["1 d 6 h"] = 108000, ["7D"] = 604800 }
  for text, seconds in pairs(spans) do
    it(("reads %s"):format(text), function() assert.equal(seconds, duration.parse(text)) end)
  end
  for _, text in ipairs { "", "7", "d", "7x", "-7d", "7d8", "seven days", "1e3d", "7dd" } do
    it(("takes %q for none"):format(text), function() assert.is_nil(duration.parse(text)) end)
  end

  local shown = { [0] = "0 s", [45] = "45 s", [59.6] = "1 min 00 s", [125] = "2 min 05 s", [3900] = "1 h 05 min", [86400] = "1 d 00 h",
    [180000] = "2 d 02 h" }
  for seconds, text in pairs(shown) do
    it(("are shown as %s"):format(text), function() assert.equal(text, duration.format(seconds)) end)
  end

  local distances = { [30] = "in 1 min", [3599] = "in 59 min", [86399] = "in 23 h", [172800] = "in 2 d", [-3600] = "1 h ago", [-90000] = "1 d ago" }
  for seconds, text in pairs(distances) do
    it(("tell that something is %s"):format(text), function() assert.equal(text, duration.away(seconds)) end)
  end
end)

describe("points in time", function()
  local times = {
    { 1773124248080, 1773124248.08 }, { "2026-03-10", 1773100800 }, { "2026-03-10T06:30:48Z", 1773124248 },
    { "2026-03-10T09:30:48.500+03:00", 1773124248.5 }, { "2026-03-10 06:30", 1773124200 }, { "2026-03-10T01:30:48-0500", 1773124248 },
    { "2024-02-29", 1709164800 }, { "1970-01-01", 0 },
  }
  for _, case in ipairs(times) do
    it(("are read from %s"):format(case[1]), function() assert.near(case[2], when.parse(case[1]), 1e-6) end)
  end

  it("are read from what holds a timestamp", function() assert.equal(1773124248.08, when.parse { timestamp = 1773124248080 }) end)

  for _, value in ipairs { 2000, "2026", "2026-13-01", "2026-03-32", "soon", "2026-03-10T", "2026-03-10T25", "2026-03-10T06:30:48+3", true, {} } do
    it(("are not read from %s"):format(tostring(value)), function() assert.is_nil(when.parse(value)) end)
  end
end)
