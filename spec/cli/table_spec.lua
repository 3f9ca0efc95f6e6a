local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local core = require "reseller.core"

local command = require "spec.cli.command"
local tables = require "reseller.cli.output.table"
local width = require "reseller.cli.output.width"

local NOW = 1773124248 -- 2026-03-10T06:30:48Z

local columns = {
  { path = "id", whole = true },
  { path = "name" },
  { path = "status", kind = "status", flag = "canceled" },
  { path = "ends", kind = "time" },
  { path = "price", kind = "money", currency = "currency", optional = true },
}

local rows = {
  { id = "su_1", name = "Виртуальный сервер", status = "ACTIVE", ends = 1773297048000, price = 2000, currency = "USD" },
  { id = "su_22", name = "プロキシ\27[2J", status = "SUSPENDED", canceled = true, ends = "2026-03-09", price = 5, currency = "USD" },
}

local function list(wide, more)
  local options = { columns = wide, time = NOW }
  for name, value in pairs(more or {}) do options[name] = value end
  return tables.list(rows, columns, command.world(options), wide ~= nil)
end

local function lines_of(text)
  local lines = {}
  for line in text:gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
  return lines
end

describe("a table", function()
  it("is aligned by cells", function()
    assert.same({
      "id     name                status               ends                    price",
      "su_1   Виртуальный сервер  ACTIVE               2026-03-12 in 2 d   20.00 USD",
      "su_22  プロキシ\\x1B[2J     SUSPENDED, canceled  2026-03-09 1 d ago   0.05 USD",
    }, lines_of(list()))
  end)

  it("leaves optional columns out before it cuts", function()
    local first = lines_of(list(70))
    assert.equal("id     name                status               ends", first[1])
    assert.equal("su_1   Виртуальный сервер  ACTIVE               2026-03-12 in 2 d", first[2])
  end)

  it("cuts the widest column, and ids last", function()
    local cut = lines_of(list(50))
    assert.equal("su_1   Виртуальный …  ACTIVE         2026-03-12 i…", cut[2])
    for _, line in ipairs(cut) do assert.is_true(width.of(line) <= 50) end
    assert.truthy(lines_of(list(24))[2]:find "^su_1 ")
  end)

  it("keeps a long id whole as long as something else can be cut", function()
    local long = { { id = ("x"):rep(27), name = ("y"):rep(20) } }
    local text = tables.list(long, { columns[1], columns[2] }, command.world { columns = 40 }, true)
    assert.equal(("x"):rep(27) .. "  " .. ("y"):rep(10) .. "…", lines_of(text)[2])
  end)

  it("fits any width", function()
    for wide = 20, 100 do
      for _, line in ipairs(lines_of(list(wide))) do assert.is_true(width.of(line) <= wide, wide .. ": " .. line) end
    end
  end)

  it("keeps to its widths for text of any letters", function()
    local pieces = { "a", "Ж", "漢", "e\u{301}", "🚀", "\27", "\u{202E}", "\255", " " }
    math.randomseed(7)
    for _ = 1, 100 do
      local made = {}
      for i = 1, 3 do
        local text = {}
        for j = 1, math.random(0, 30) do text[j] = pieces[math.random(#pieces)] end
        made[i] = { id = i, name = table.concat(text) }
      end
      local text = tables.list(made, { { path = "id" }, { path = "name" }, { path = "id" } }, command.world { columns = 30 }, true)
      assert.is_true(core.valid_utf8(text))
      assert.is_nil(text:find "[%z\1-\9\11-\31]")
      local cells = {}
      for _, line in ipairs(lines_of(text)) do cells[width.of(line)] = true end
      assert.is_nil(next(cells, next(cells)), text)
    end
  end)

  it("has colours for a status on a terminal only", function()
    assert.truthy(list(nil, { colour = true }):find("\27[32mACTIVE             \27[0m", 1, true))
    assert.truthy(list(nil, { colour = true }):find("\27[1mid   \27[0m", 1, true))
    assert.is_nil(list():find "\27")
  end)
end)

describe("a table of one thing", function()
  it("has a line for each field, without those that are missing and optional", function()
    local value = { id = "su_1", name = "Имя", price = nil }
    assert.equal("id      su_1\nname    Имя\nstatus\nends\n", tables.one(value, columns, command.world { time = NOW }, false))
  end)

  it("cuts values to the terminal", function()
    local text = tables.one({ name = ("x"):rep(99) }, { { path = "name" } }, command.world { columns = 30 }, true)
    assert.equal(30, width.of(text:gsub("\n", "")))
  end)
end)
