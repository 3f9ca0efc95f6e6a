local core = require "reseller.core"
local reseller = require "reseller"

local ledgers = require "spec.support.ledgers"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read "*a"
  file:close()
  return bytes
end

local function write(path, bytes)
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
end

describe("reseller.ledger.open", function()
  after_each(ledgers.clean)

  local function refusal(path, options)
    local ledger, err = reseller.ledger.open(path, options)
    assert.is_nil(ledger)
    assert.same({ "refused", "ledger", "no" }, { err.kind, err.endpoint, err.sent })
    return err.message
  end

  for name, bytes in pairs { ["is no database"] = ("no database "):rep(100), ["is cut off"] = false } do
    it("refuses a file that " .. name, function()
      local path = ledgers.path()
      if bytes then
        write(path, bytes)
      else
        assert(reseller.ledger.open(path)):close()
        write(path, read(path):sub(1, 9000))
      end
      local message = refusal(path)
      assert.truthy(message:find("not a database", 1, true) or message:find("malformed", 1, true) or message:find("damaged", 1, true))
    end)
  end

  it("refuses a file that is damaged inside", function()
    local path = ledgers.path()
    assert(reseller.ledger.open(path)):close()
    local bytes = read(path)
    write(path, bytes:sub(1, 4096) .. ("\255"):rep(4096) .. bytes:sub(8193))
    local message = refusal(path)
    assert.truthy(message:find("malformed", 1, true) or message:find("damaged", 1, true))
  end)

  it("refuses a folder that is not there, and says what the system says", function()
    assert.truthy(refusal("/nowhere/at/all/ledger.db"):find("No such file or directory", 1, true))
    assert.truthy(refusal("/"):find("directory", 1, true))
  end)

  it("refuses a ledger of a newer release", function()
    local path = ledgers.path()
    local ledger = assert(reseller.ledger.open(path))
    ledger.store_:execute "INSERT INTO reseller_ledger VALUES (99)"
    ledger:close()
    assert.truthy(refusal(path):find("newer release", 1, true))
  end)

  it("refuses a file that another program holds", function()
    local path = ledgers.path()
    local other = assert(reseller.ledger.open(path))
    other.store_:transaction(function()
      assert.truthy(refusal(path, { busy = 0.02 }):find("locked", 1, true))
    end)
    other:close()
  end)

  it("keeps the password of a database out of the error", function()
    local message = refusal "postgres://someone:hunter2@127.0.0.1:1/x?password=hunter3&connect_timeout=2"
    assert.is_nil(message:find "hunter")
  end)

  it("makes a file that only its owner reads, with a durable write-ahead log", function()
    local path = ledgers.path()
    local ledger = assert(reseller.ledger.open(path))
    local mode = io.popen("stat -c %a " .. path .. " " .. path .. "-wal")
    assert.equal("600\n600\n", mode:read "*a")
    mode:close()
    assert.equal("wal", select(2, next(ledger.store_:one "PRAGMA journal_mode")))
    assert.equal("2", tostring(select(2, next(ledger.store_:one "PRAGMA synchronous"))))
    ledger:close()
  end)

  it("finds again what was there", function()
    local path = ledgers.path()
    for version = 1, 2 do
      local ledger = assert(reseller.ledger.open(path))
      assert.equal(1, ledger.store_:one("SELECT count(*) AS count FROM reseller_ledger").count)
      assert.equal(1, ledger.store_:one("SELECT max(version) AS version FROM reseller_ledger").version)
      assert.is_number(version)
      ledger:close()
    end
  end)

  it("takes the name of a file for what it is", function()
    for _, name in ipairs { "file:x?mode=memory", "it's" } do
      local path = ledgers.path()
      os.remove(path)
      local folder, file = path:match "^(.*/)(.*)$"
      local ledger = assert(reseller.ledger.open(folder .. file .. name))
      ledger:close()
      assert.truthy(os.remove(folder .. file .. name))
    end
  end)

  for name, given in pairs {
    ["no path"] = {}, ["an empty path"] = { "" }, ["an unknown option"] = { "x", { graze = 1 } },
    ["a grace that is no time"] = { "x", { grace = "1" } }, ["a negative time"] = { "x", { fresh = -1 } },
  } do
    it("raises for " .. name, function()
      local ok, message = pcall(function()
        local ledger = reseller.ledger.open(given[1], given[2])
        return ledger
      end)
      assert.is_false(ok)
      assert.truthy(message:find("open_spec.lua", 1, true))
    end)
  end

  it("says that LuaSQL is missing", function()
    local loaded, preload = package.loaded["luasql.sqlite3"], package.preload["luasql.sqlite3"]
    package.loaded["luasql.sqlite3"] = nil
    package.preload["luasql.sqlite3"] = function() error "not there" end
    local message = refusal(ledgers.path())
    package.loaded["luasql.sqlite3"], package.preload["luasql.sqlite3"] = loaded, preload
    assert.truthy(message:find("lua-sql-sqlite3", 1, true))
  end)
end)

describe("the option ledger", function()
  after_each(ledgers.clean)

  it("opens a file by its name", function()
    local path = ledgers.path()
    local gs = reseller.ghostealth { api_key = "GHO-k", ledger = path }
    assert.is_not_nil(gs.ledger_)
    gs.ledger_:close()
  end)

  it("raises when there is no ledger to be had", function()
    for _, value in ipairs { "/nowhere/at/all/ledger.db", 5, {}, "" } do
      local ok, message = pcall(function()
        local client = reseller.ghostealth { api_key = "GHO-k", ledger = value }
        return client
      end)
      assert.is_false(ok)
      assert.truthy(message:find("ledger: ", 1, true))
      assert.truthy(message:find("open_spec.lua", 1, true))
    end
  end)
end)

describe("the connection of a ledger", function()
  after_each(ledgers.clean)

  it("is another one in a forked process, and the parent's is left alone", function()
    local ledger = assert(reseller.ledger.open(ledgers.path()))
    local link, pid = ledger.store_.here_, core.pid
    local parents = link.handle_
    core.pid = function() return pid() + 1 end
    assert.equal(1, #ledger:totals() + 1)
    core.pid = pid
    assert.not_equal(parents, link.handle_)
    local cursor = parents:execute "SELECT 1"
    assert.equal(1, math.floor(cursor:fetch()))
    cursor:close()
    ledger:close()
    parents:close()
  end)

  it("keeps its locks when the process looks at the file for another one", function()
    local path = ledgers.path()
    local ledger = assert(reseller.ledger.open(path))
    local function locks()
      local count = 0
      for line in io.lines "/proc/locks" do
        if line:find((" %d "):format(core.pid()), 1, true) then count = count + 1 end
      end
      return count
    end
    local before = locks()
    assert.is_true(before > 0)
    assert.is_true(core.private_file(path))
    assert.equal(before, locks())
    ledger:close()
  end)

  it("raises what it cannot read to the end", function()
    local ledger = assert(reseller.ledger.open(ledgers.path()))
    local link, real = ledger.store_.here_, ledger.store_.here_.execute
    function link.execute(self, sql, ...)
      local result = real(self, sql, ...)
      if not sql:find "GROUP BY" then return result end
      result:close()
      return { fetch = function() return nil, "LuaSQL: database disk image is malformed" end, close = function() end }
    end
    local ok, err = pcall(ledger.totals, ledger)
    assert.is_false(ok)
    assert.equal("the ledger cannot be read: database disk image is malformed", err.message)
    ledger:close()
  end)
end)
