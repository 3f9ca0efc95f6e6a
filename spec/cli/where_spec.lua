local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local json = require "reseller.json"
local select = require "reseller.cli.select"
local where = require "reseller.cli.where"

local row = {
  id = "su_1", status = "ACTIVE", canceled = false, note = json.null, count = 10, money = "12.50", born = "2026-03-10T09:30:48+03:00",
  plan = { title = "GS-DAT 100", price = { grossAmount = 2000 } }, period = { ["end"] = { timestamp = 1773729048080 } },
}

describe("a condition", function()
  local yes = { "status=ACTIVE", "status==active", "status!=SUSPENDED", "plan.title=gs-dat 100", "plan.price.grossAmount>=2000", "count<11",
    "count>9", "count=10", "count=10.0", "count!=11", "money<100", "money=12.5", "canceled=false", "canceled=no", "canceled!=true",
    "note=null", "note!=x", "period.end>2026-03-17", "period.end<2026-03-17T07:00", "born=2026-03-10T06:30:48Z", "born<=2026-03-11",
    " status = ACTIVE " }
  for _, text in ipairs(yes) do
    it("is met: " .. text, function() assert.is_true(where.fits(where.parse(text), row)) end)
  end

  local no = { "status=SUSPENDED", "status!=active", "plan.price.grossAmount>2000", "count<10", "money>100", "canceled=true", "note=x",
    "period.end<2026-03-17", "nothing=x", "nothing!=x", "plan.nothing!=x", "status.x=1", "plan=x" }
  for _, text in ipairs(no) do
    it("is not met: " .. text, function() assert.is_false(where.fits(where.parse(text), row)) end)
  end

  for _, text in ipairs { "status", "=ACTIVE", "", "a!b", "status~ACTIVE" } do
    it(("is refused: %q"):format(text), function()
      local ok, fault = pcall(where.parse, text)
      assert.is_false(ok)
      assert.equal(2, fault.exit)
      assert.truthy(fault.fault:find("--where: expected field=value, got ", 1, true))
    end)
  end

  it("refuses to order what has no order", function()
    local _, fault = pcall(where.fits, where.parse "status<5", row)
    assert.equal('--where status<5: expected a number or a date on both sides, got "ACTIVE"', fault.fault)
  end)
end)

describe("a selection", function()
  --- An iterator that counts how often it was asked.
  local function counting(rows)
    local state = { asked = 0 }
    return function()
      state.asked = state.asked + 1
      return rows[state.asked]
    end, state
  end

  local function chosen(rows, options, ends)
    local ids, walk = {}, select.filter(counting(rows), options, ends)
    for one in walk do ids[#ids + 1] = one.id end
    return ids
  end

  local function rows_of(count)
    local rows = {}
    for i = 1, count do rows[i] = { id = i, status = i % 2 == 0 and "ACTIVE" or "STOPPED", ["end"] = i * 86400000 + 1e12 } end
    return rows
  end

  local function options(more)
    local all = { where = {}, now = 1e9 }
    for name, value in pairs(more or {}) do all[name] = value end
    return all
  end

  it("asks for no more rows than the limit needs", function()
    local walk, state = counting(rows_of(50))
    local count = 0
    for _ in select.filter(walk, options { limit = 3 }) do count = count + 1 end
    assert.equal(3, count)
    assert.equal(3, state.asked)
  end)

  it("asks for nothing with a limit of 0", function()
    local walk, state = counting(rows_of(5))
    assert.is_nil(select.filter(walk, options { limit = 0 })())
    assert.equal(0, state.asked)
  end)

  it("joins conditions by and", function()
    assert.same({ 4, 6 }, chosen(rows_of(7), options { where = { where.parse "status=ACTIVE", where.parse "id>2" } }))
  end)

  it("takes what ends within a time from now, and nothing that has ended", function()
    assert.same({ 1, 2, 3 }, chosen(rows_of(9), options { within = 3 * 86400 }, "end"))
    assert.same({ 3, 4 }, chosen(rows_of(9), options { within = 86400, now = 1e9 + 3 * 86400 }, "end"))
  end)

  it("refuses a field that no row has, and suggests the nearest", function()
    for _, count in ipairs { 1, 19, 20, 50 } do
      local ok, fault = pcall(chosen, rows_of(count), options { where = { where.parse "statsu!=ACTIVE" } })
      assert.is_false(ok)
      assert.equal("--where: there is no field statsu", fault.fault)
      assert.equal("did you mean status?", fault.hint)
    end
  end)

  it("gives nothing out of a field that only later rows have", function()
    local rows = rows_of(10)
    rows[7].rare = "x"
    assert.same({ 7 }, chosen(rows, options { where = { where.parse "rare=x" } }))
  end)

  it("says nothing of fields where there are no rows", function()
    assert.same({}, chosen({}, options { where = { where.parse "statsu=ACTIVE" } }))
  end)
end)
