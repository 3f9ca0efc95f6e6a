local clients = require "spec.support.clients"
local json = require "reseller.json"
local luasql = require "luasql.sqlite3"
local sandbox = require "spec.support.sandbox"
local support = require "spec.examples.support"

describe("examples/mirror_to_sqlite.lua", function()
  local box, fewer, home

  setup(function()
    box = sandbox.start { child_subscriptions = 60 }
    fewer = sandbox.start { child_subscriptions = 50 }
  end)
  teardown(function()
    box:stop()
    fewer:stop()
  end)
  before_each(function()
    box:clear_faults()
    home = support.home()
  end)
  after_each(function() home:remove() end)

  local function mirror(from) return home:run("mirror_to_sqlite", from or box, home:file "mirror.db") end

  -- Rows of the file, each a table of texts and numbers.
  local function query(sql)
    local db = luasql.sqlite3():connect(home:file "mirror.db")
    local cursor, rows = assert(db:execute(sql)), {}
    if type(cursor) ~= "number" then
      for row in function() return cursor:fetch({}, "a") end do rows[#rows + 1] = row end
      cursor:close()
    end
    db:close()
    return rows
  end
  local function one(sql) return (select(2, next(query(sql)[1]))) end

  -- A list of subscriptions with this name in place of the sandbox's.
  local function list_only(name, ...)
    local data = json.array {}
    for i, id in ipairs { ... } do
      data[i] = { id = id, type = "subscriptions", attributes = { name = name, status = "active", account_id = 1,
        trial = false, renewal_settings = { autorenew = true } } }
    end
    local body = json.encode { data = data }:gsub('"account_id":1', '"account_id":9007199254740993')
    local fault = { kind = "body", content_type = "application/vnd.api+json", endpoint = "list_child_subscriptions" }
    fault.body = body
    box:fault(fault)
    fault.body, fault.times = '{"data":[]}', 9
    box:fault(fault)
  end

  it("has each subscription once, as the platform has it", function()
    local output, status = mirror()
    assert.equal(0, status, output)
    assert.equal("60 subscriptions: 60 new, 0 changed, 0 removed\n", output)
    local rows = {}
    for _, row in ipairs(query "SELECT *, CAST(id AS TEXT) AS digits FROM subscriptions") do rows[row.digits] = row end
    local count = 0
    for sub in clients.activeplatform(box):each_child_subscription() do
      local row = rows[sub.id]
      count = count + 1
      assert.same({ sub.name, sub.status, sub.start_date, sub.expiration_date, sub.updated_at },
        { row.name, row.status, row.start_date, row.expiration_date, row.updated_at })
      assert.equal(sub.account_id .. " " .. sub.plan_id .. " " .. sub.plan_period_id,
        ("%d %d %d"):format(row.account_id, row.plan_id, row.plan_period_id))
      assert.same({ sub.trial and 1 or 0, sub.renewal_settings.autorenew and 1 or 0 }, { row.trial, row.autorenew })
      assert.is_nil(row.removed)
    end
    assert.equal(60, count)
    assert.equal(60, #query "SELECT id FROM subscriptions")
    assert.equal("integer integer", one "SELECT DISTINCT typeof(id) || ' ' || typeof(account_id) FROM subscriptions")
  end)

  it("changes nothing where nothing has changed", function()
    mirror()
    query "UPDATE subscriptions SET mirrored = 'before'"
    assert.equal("60 subscriptions: 0 new, 0 changed, 0 removed\n", (mirror()))
    assert.equal(60, tonumber(one "SELECT count(*) FROM subscriptions WHERE mirrored = 'before'"))
  end)

  it("writes what has changed, and that only", function()
    mirror()
    query "UPDATE subscriptions SET mirrored = 'before'"
    query "UPDATE subscriptions SET status = 'odd', expiration_date = NULL WHERE id = 3006305"
    assert.equal("60 subscriptions: 0 new, 1 changed, 0 removed\n", (mirror()))
    assert.equal("0", one "SELECT CAST(count(*) AS TEXT) FROM subscriptions WHERE status = 'odd'")
    assert.equal("1", one "SELECT CAST(count(*) AS TEXT) FROM subscriptions WHERE mirrored <> 'before'")
  end)

  it("marks what is gone, keeps it, and takes the mark off when it is back", function()
    mirror()
    assert.truthy(mirror(fewer):find "^50 subscriptions: 0 new, %d+ changed, 10 removed\n$")
    local gone = query "SELECT id, removed FROM subscriptions WHERE removed IS NOT NULL ORDER BY id"
    assert.equal(10, #gone)
    assert.equal(3006355, tonumber(gone[1].id))
    assert.truthy(gone[1].removed:find "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$")
    assert.truthy(mirror(fewer):find " 0 removed\n$")
    assert.truthy(mirror():find "^60 subscriptions: 10 new")
    assert.equal("0", one "SELECT CAST(count(*) AS TEXT) FROM subscriptions WHERE removed IS NOT NULL")
  end)

  it("keeps ids exact that no float can hold", function()
    list_only("big", "9007199254740995")
    local output, status = mirror()
    assert.equal(0, status, output)
    local row = query "SELECT CAST(id AS TEXT) AS id, CAST(account_id AS TEXT) AS account FROM subscriptions"[1]
    assert.same({ id = "9007199254740995", account = "9007199254740993" }, row)
  end)

  it("takes a name for nothing but a name", function()
    local name = [[O'Neill'); DROP TABLE subscriptions; -- "%s" ]]
    list_only(name, "7")
    mirror()
    assert.equal(name, one "SELECT name FROM subscriptions WHERE id = 7")
  end)

  it("writes nothing at all when one id is not a number", function()
    mirror()
    list_only("bad", "1", "2", "3", "4", "7 OR 1", "5", "6", "7", "8", "9")
    local output, status = mirror()
    assert.equal(1, status)
    assert.truthy(output:find('expected an integer, got "7 OR 1"', 1, true), output)
    assert.equal("60", one "SELECT CAST(count(*) AS TEXT) FROM subscriptions WHERE removed IS NULL AND name <> 'bad'")
    assert.equal("60", one "SELECT CAST(count(*) AS TEXT) FROM subscriptions")
  end)

  it("leaves the file as it was when a page cannot be read", function()
    mirror()
    local before = query "SELECT * FROM subscriptions ORDER BY id"
    box:fault { kind = "status", status = 401, endpoint = "list_child_subscriptions" }
    local output, status = mirror()
    assert.equal(1, status)
    assert.truthy(output:find "list_child_subscriptions: auth %(HTTP 401%)")
    assert.same(before, query "SELECT * FROM subscriptions ORDER BY id")
  end)

  it("wants the name of a file", function()
    local output, status = home:run("mirror_to_sqlite", box)
    assert.equal(2, status)
    assert.equal("usage: mirror_to_sqlite.lua mirror.db\n", output)
  end)
end)
