local clients = require "spec.support.clients"
local json = require "reseller.json"
local sandbox = require "spec.support.sandbox"
local support = require "spec.examples.support"

local DAY = 86400

--- The elements of a page in their order: name, attributes as text, and the text inside. Raises where a page is not
--- well-formed: a tag that is not closed, an attribute without quotes, a bare & or <.
local function parse(page)
  local open, all, at = {}, {}, page:match "^<!DOCTYPE html>\n()"
  while at <= #page do
    local text, after = page:match("^([^<]+)()", at)
    if text then
      assert(not text:gsub("&%a+;", ""):gsub("&#%d+;", ""):find "[&>]" or open[#open].name == "style", "bare & or > in " .. text)
      for _, element in ipairs(open) do element.text = element.text .. text end
      assert(#open > 0 or not text:find "%S", "text outside")
    else
      local slash, name, attributes, empty
      slash, name, attributes, empty, after = page:match("^<(/?)([%a%d]+)(.-)(/?)>()", at)
      assert(name, "no tag at " .. page:sub(at, at + 60))
      assert(not attributes:gsub("&#?%w+;", ""):gsub(' [%w-]+="[^"<&]*"', ""):find "%S", "attributes: " .. attributes)
      if slash == "/" then
        assert(table.remove(open).name == name, "closed too early: " .. name)
      else
        all[#all + 1] = { name = name, attributes = attributes, text = "", parent = open[#open], at = at }
        if empty == "" then open[#open + 1] = all[#all] end
      end
    end
    at = after
  end
  assert(#open == 0, "not closed: " .. tostring(open[#open] and open[#open].name))
  return all
end

local ENTITIES = { amp = "&", lt = "<", gt = ">", quot = '"', ["#39"] = "'" }
local function plain(text) return (text:gsub("&(#?%w+);", ENTITIES):gsub("\226\128\175", "")) end

--- The tables of a page by part and caption: lists of rows, each a list of plain texts.
local function tables_of(elements)
  local parts, part, rows = {}, nil, nil
  for _, element in ipairs(elements) do
    if element.name == "h2" then
      parts[element.text], part = {}, element.text
    elseif element.name == "caption" then
      rows = {}
      parts[part][element.text] = rows
    elseif element.name == "tr" then
      rows[#rows + 1] = {}
    elseif element.name == "td" or element.name == "th" then
      table.insert(rows[#rows], plain(element.text))
    end
  end
  return parts
end

local function by_first(rows)
  local found = {}
  for _, row in ipairs(rows) do found[row[1]] = row end
  return found
end

describe("examples/weekly_report.lua", function()
  local box, home

  setup(function() box = sandbox.start { limit = false, start = support.today(), child_subscriptions = 800 } end)
  teardown(function() box:stop() end)
  before_each(function()
    box:reset()
    home = support.home()
  end)
  after_each(function() home:remove() end)

  local function report(...)
    local output, status = home:run("weekly_report", box, home:file "report.html", ...)
    local page = home:read "report.html"
    return page, status, output
  end

  -- The Monday of a page's first week, by the time that the page shows.
  local function monday_of(page)
    local y, mo, d = page:match "<p>(%d+)-(%d+)-(%d+) %d+:%d+ UTC"
    local noon = os.time { year = y, month = mo, day = d, hour = 12 }
    local back = (tonumber(os.date("%w", noon)) + 6) % 7
    return os.date("%Y-%m-%d", noon - back * DAY)
  end

  -- What is to be renewed on Ghostealth, by the Monday of its week: how many, and minor units.
  local function due_by_week()
    local counts, costs = {}, {}
    for _, sub in ipairs(support.active(box)) do
      local ends = math.floor(sub.period["end"].timestamp / 1000)
      local monday = os.date("!%Y-%m-%d", ends - (tonumber(os.date("!%w", ends)) + 6) % 7 * DAY)
      counts[monday] = (counts[monday] or 0) + 1
      costs[monday] = (costs[monday] or 0) + sub.plan.price.grossAmount
    end
    return counts, costs
  end

  it("is one well-formed page that needs nothing else", function()
    local page, status, output = report()
    assert.equal(0, status, output)
    assert.equal("", output)
    for _, element in ipairs(parse(page)) do
      assert.falsy(element.name == "script" or element.name == "link" or element.name == "img", element.name)
      assert.falsy(element.attributes:find " src=" or element.attributes:find " href=" or element.attributes:find " on%a+=")
    end
    assert.falsy(page:find("http", 1, true) or page:find("url(", 1, true) or page:find("@import", 1, true))
    assert.truthy(page:find("prefers-color-scheme: dark", 1, true))
  end)

  it("counts every subscription under its status", function()
    local parts = tables_of(parse((report())))
    local counts, all = {}, support.subscriptions(box)
    for _, sub in ipairs(all) do
      local name = sub.status .. (sub.canceled and ", canceled" or "")
      counts[name] = (counts[name] or 0) + 1
    end
    local rows = by_first(parts.Ghostealth["By status"])
    for name, count in pairs(counts) do assert.equal(tostring(count), rows[name][2]) end
    assert.equal("45", rows.all[2])
    assert.equal("800", by_first(parts.Downstream["By status"]).all[2])
  end)

  it("has each week's number and cost, exact to the minor unit, and sums that hold all", function()
    local page = report(20)
    local parts, counts, costs = tables_of(parse(page)), due_by_week()
    local rows, sum, cost, last = parts.Ghostealth["By week"], 0, 0, nil
    assert.same({ "Week of", "End", "USD", "USD, minor units" }, rows[1])
    assert.equal(monday_of(page), rows[2][1])
    for i = 2, 21 do
      local week = rows[i][1]
      assert.equal(tostring(counts[week] or 0), rows[i][2])
      assert.equal(("%d"):format(costs[week] or 0), rows[i][4])
      assert.equal(("%d.%02d"):format(math.floor((costs[week] or 0) / 100), (costs[week] or 0) % 100), rows[i][3])
      last = week
    end
    local later = { 0, 0 }
    for week, count in pairs(counts) do
      sum, cost = sum + count, cost + costs[week]
      if week > last then later = { later[1] + count, later[2] + costs[week] } end
    end
    assert.same({ "later", tostring(later[1]), ("%d"):format(later[2]) }, { rows[22][1], rows[22][2], rows[22][4] })
    assert.same({ "all", tostring(sum), ("%d"):format(cost) }, { rows[23][1], rows[23][2], rows[23][4] })
    assert.is_nil(rows[24])
    assert.is_true(sum > 20 and later[1] > 0)
  end)

  it("draws a bar as high as its value, and keeps the place of a week without any", function()
    local page = report(12)
    local elements, rows = parse(page), tables_of(parse(page)).Ghostealth["By week"]
    local bars, figure = { {}, {}, {} }, 0
    for _, element in ipairs(elements) do
      if element.name == "svg" then figure = figure + 1 end
      if element.name == "rect" and element.attributes:find 'class="slot"' then
        table.insert(bars[figure], { words = element.parent.text, height = 0 })
      elseif element.name == "rect" then
        bars[figure][#bars[figure]].height = tonumber(element.attributes:match ' height="([%d.]+)"')
      end
    end
    assert.equal(3, figure)
    for chart, column in ipairs { 4, 2 } do
      assert.equal(12, #bars[chart])
      local scale
      for week = 1, 12 do
        local value, bar = tonumber(rows[week + 1][column]), bars[chart][week]
        assert.truthy(bar.words:find("week of " .. rows[week + 1][1], 1, true))
        assert.equal(value == 0, bar.height == 0)
        assert.equal(value == 0, bar.words:find "none" ~= nil)
        scale = scale or value > 0 and bar.height / value
        if scale then assert.is_true(math.abs(bar.height - value * scale) <= 0.4 + value * scale * 0.02) end
      end
      assert.truthy(scale)
    end
  end)

  it("counts downstream subscriptions on the day that their platform says", function()
    local page = report(8)
    local rows, sums = by_first(tables_of(parse(page)).Downstream["By week"]), { overdue = 0, all = 0 }
    local monday = monday_of(page)
    for sub in clients.activeplatform(box):each_child_subscription() do
      if sub.status == "active" and sub.expiration_date then
        sums.all = sums.all + 1
        if sub.expiration_date < monday then sums.overdue = sums.overdue + 1 end
      end
    end
    assert.equal(tostring(sums.all), rows.all[2])
    assert.is_true(sums.overdue > 0)
    assert.equal(tostring(sums.overdue), rows.overdue[2])
  end)

  it("lists what ends next, the first first, Cyrillic names as they are", function()
    local rows = tables_of(parse((report()))).Ghostealth["Next to end"]
    local sub = support.active(box)[1]
    local price = sub.plan.price.grossAmount
    assert.same({ os.date("!%Y-%m-%d", math.floor(sub.period["end"].timestamp / 1000)), sub.id,
      sub.plan.title .. ", " .. sub.plan.description, ("%d.%02d USD"):format(math.floor(price / 100), price % 100) }, rows[2])
    assert.truthy(home:read("report.html"):find "<td>[^<]*[\208\209][^<]*</td>")
  end)

  it("takes whatever a platform or a title says for text", function()
    local sub = support.active(box)[1]
    sub.id, sub.plan.title, sub.plan.price.currency = "<b>1</b>", [["><script>alert('x')</script>]], "<i>"
    sub.status = "ACTIVE"
    box:fault { { kind = "body", body = json.encode { data = json.array { sub } }, endpoint = "list_subscriptions" },
      { kind = "body", body = '{"data":[]}', endpoint = "list_subscriptions", times = 9 } }
    local page, status, output = report(12, "Отчёт <script>alert(1)</script> & {{parts}} %1")
    assert.equal(0, status, output)
    local rows = tables_of(parse(page)).Ghostealth["Next to end"]
    assert.equal("<b>1</b>", rows[2][2])
    assert.truthy(rows[2][3]:find([["><script>alert('x')</script>]], 1, true))
    assert.truthy(page:find("<h1>Отчёт &lt;script&gt;alert(1)&lt;/script&gt; &amp; {{parts}} %1</h1>", 1, true))
  end)

  it("shows currencies apart, with the decimals that they have", function()
    local subs = {}
    for i, sub in ipairs { (table.unpack or unpack)(support.active(box), 1, 3) } do -- luacheck: ignore 113 143
      sub.plan.price.currency, sub.plan.price.grossAmount = ({ "JPY", "KWD", "USD" })[i], ({ 1234567, 5, -5 })[i]
      subs[i] = sub
    end
    box:fault { { kind = "body", body = json.encode { data = json.array(subs) }, endpoint = "list_subscriptions" },
      { kind = "body", body = '{"data":[]}', endpoint = "list_subscriptions", times = 9 } }
    local rows = tables_of(parse((report(52)))).Ghostealth["By week"]
    assert.same({ "all", "3", "1234567", "1234567", "0.005", "5", "−0.05", "-5" }, rows[#rows])
  end)

  it("can do without ActivePlatform", function()
    local variables = home:variables()
    variables.GHOSTEALTH_API_KEY, variables.GHOSTEALTH_BASE_URL = "GHO-sandboxkey-STEA-sandboxkey-LTH", box.url .. "/dev/v1.0"
    local output, status = require("spec.support.script").shell(support.command("weekly_report", home:file "report.html"),
      { variables = variables })
    assert.equal(0, status, output)
    local parts = tables_of(parse(home:read "report.html"))
    assert.is_nil(parts.Downstream)
    assert.equal("45", by_first(parts.Ghostealth["By status"]).all[2])
  end)

  it("leaves the page as it was when something cannot be read", function()
    local before = report()
    for _, endpoint in ipairs { "list_subscriptions", "list_child_subscriptions" } do
      box:fault { kind = "status", status = 401, endpoint = endpoint }
      local page, status, output = report()
      assert.equal(1, status)
      assert.truthy(output:find(endpoint .. ": auth (HTTP 401)", 1, true), output)
      assert.equal(before, page)
    end
  end)

  it("wants a file and a number of weeks", function()
    for _, words in ipairs { {}, { "r.html", 0 }, { "r.html", 53 }, { "r.html", "1.5" }, { "r.html", "all" } } do
      local output, status = home:run("weekly_report", box, (table.unpack or unpack)(words)) -- luacheck: ignore 113 143
      assert.equal(2, status)
      assert.equal("usage: weekly_report.lua FILE.html [WEEKS [TITLE]]\n", output)
    end
  end)
end)
