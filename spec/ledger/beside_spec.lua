local beside = require "reseller.ledger.beside"
local connection = require "reseller.ledger.connection"
local core = require "reseller.core"
local ledgers = require "spec.support.ledgers"

describe("a connection beside this thread", function()
  local mailbox, path, link, asked
  before_each(function()
    mailbox, path, asked = core.mailbox(), ledgers.path(), {}
    local here = assert(connection.new(path, { busy = 0.1, wall = core.wall }))
    link = beside(here, path, 0.1, function(worker, operation, ...)
      asked[#asked + 1] = operation
      worker:ask(mailbox, #asked, operation, ...)
      assert.equal(#asked, mailbox:wait(10))
      return worker:answer()
    end)
  end)
  after_each(function()
    link:disconnect()
    mailbox:close()
    ledgers.clean()
  end)

  local function make_table()
    link:connect()
    link:execute "CREATE TABLE reseller_entries (id BIGINT, made TEXT)"
  end

  it("runs statements and questions with values", function()
    make_table()
    assert.equal(1, link:execute("INSERT INTO reseller_entries VALUES (?, ?)", 9007199254740991, "it's ? a \\key"))
    assert.equal(1, link:execute("INSERT INTO reseller_entries VALUES (?, ?)", 2, nil))
    assert.same({ { id = 2 }, { id = 9007199254740991, made = "it's ? a \\key" } },
      link:query "SELECT * FROM reseller_entries ORDER BY id")
    assert.same({ id = 2 }, link:one("SELECT * FROM reseller_entries WHERE id = ?", 2))
    assert.is_nil(link:one("SELECT * FROM reseller_entries WHERE id = ?", 3))
    assert.near(core.wall() * 1000, link:now_ms(), 10000)
  end)

  it("raises faults of the database as one on this thread does", function()
    link:connect()
    local ok, raised = pcall(link.execute, link, "NONSENSE")
    assert.is_false(ok)
    assert.matches('near "NONSENSE": syntax error', raised.fault)
  end)

  it("is connected anew after it was closed, and leaves nothing begun behind", function()
    make_table()
    link:execute "BEGIN IMMEDIATE"
    link:execute "INSERT INTO reseller_entries (id) VALUES (1)"
    link:disconnect()
    link:connect()
    for _, sql in ipairs(link.begin) do link:execute(sql) end
    assert.same({}, link:query "SELECT * FROM reseller_entries")
    link:execute "COMMIT"
  end)

  it("raises a fault when no thread can be had, or no database", function()
    local worker = core.worker
    core.worker = function() error("cannot start a thread", 0) end
    local ok, raised = pcall(link.connect, link)
    core.worker = worker
    assert.same({ false, { fault = "cannot start a thread" } }, { ok, raised })
    local none = beside({}, "/dev/null/ledger.db", 0.1, link.ask_function_)
    ok, raised = pcall(none.connect, none)
    assert.is_false(ok)
    assert.matches("Not a directory", raised.fault)
    none:disconnect()
  end)
end)
