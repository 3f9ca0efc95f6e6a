local core = require "reseller.core"

local SECONDS = 10

describe("a worker", function()
  local mailbox, worker
  before_each(function() mailbox = core.mailbox() end)
  after_each(function()
    if worker then worker:close() end
    mailbox:close()
  end)

  local function start(chunk)
    worker = core.worker(package.path, package.cpath, chunk)
    return worker
  end

  local function ask(...)
    worker:ask(mailbox, 7, ...)
    assert.equal(7, mailbox:wait(SECONDS))
    return worker:answer()
  end

  it("hands over what its function returns, nils and tables included", function()
    start "return function(...) return select('#', ...), ... end"
    local ok, count, a, b, c, d = ask(nil, true, { 1, { deep = "x" }, [3.5] = false }, nil)
    assert.is_true(ok)
    assert.equal(4, count)
    assert.is_nil(a)
    assert.is_true(b)
    assert.same({ 1, { deep = "x" }, [3.5] = false }, c)
    assert.is_nil(d)
  end)

  it("keeps numbers exact and bytes as they are", function()
    start "return function(...) return ... end"
    local bytes = "\0\255 \n" .. ("x"):rep(100000)
    local _, whole, fraction, text = ask(9007199254740991, 0.1, bytes)
    assert.equal(9007199254740991, whole)
    assert.equal("9007199254740991", ("%.0f"):format(whole))
    if math.type then assert.equal("integer", math.type(whole)) end
    assert.equal(0.1, fraction)
    assert.equal(bytes, text)
  end)

  it("keeps its state between what it is asked", function()
    start "local n = 0; return function(by) n = n + by; return n end"
    ask(2)
    assert.same({ true, 5 }, { ask(3) })
  end)

  it("finds the modules of the state that started it", function()
    start "local core = require 'reseller.core'; return function(text) return core.valid_utf8(text) end"
    assert.same({ true, true }, { ask "x" })
  end)

  it("runs beside the state that asks", function()
    start "return function(path) local file = io.open(path); local line = file:read '*l'; file:close(); return line end"
    local path = os.tmpname()
    os.remove(path)
    assert(os.execute("mkfifo " .. path))
    worker:ask(mailbox, 1, path)
    assert.is_nil(mailbox:take())
    assert.has_error(function() worker:ask(mailbox, 2, path) end, "the worker is busy")
    local file = io.open(path, "w")
    file:write "from beside\n"
    file:close()
    assert.equal(1, mailbox:wait(SECONDS))
    assert.same({ true, "from beside" }, { worker:answer() })
    os.remove(path)
  end)

  it("tells what its function raised, and goes on", function()
    start "return function(what) if what then error(what, 0) end return 'fine' end"
    assert.same({ false, { fault = "the disk is full" } }, { ask { fault = "the disk is full" } })
    assert.same({ false, "words" }, { ask "words" })
    assert.same({ true, "fine" }, { ask() })
  end)

  it("tells what is wrong with its chunk, each time", function()
    start "this is no Lua"
    for _ = 1, 2 do
      local ok, why = ask(1)
      assert.is_false(ok)
      assert.matches("worker:1: ", why)
    end
    worker:close()
    start "return require 'reseller.none'"
    assert.matches("module 'reseller.none' not found", select(2, ask()))
  end)

  it("hands over nil for what belongs to one state only", function()
    start "return function(fn) return fn, print, io.stdout, 'end' end"
    local results = { ask(function() end) }
    assert.equal(true, results[1])
    assert.equal("end", results[5])
    for i = 2, 4 do assert.is_nil(results[i]) end
  end)

  it("has no answer before it was asked, and takes no question once closed", function()
    start "return function() end"
    assert.has_error(function() worker:answer() end, "the worker has no answer")
    worker:close()
    assert.has_error(function() worker:ask(mailbox, 1) end, "the worker is closed")
  end)

  it("finishes what it is at when it is closed, and lets its thread go", function()
    local path = os.tmpname()
    local function threads()
      local count = 0
      for line in io.lines "/proc/self/status" do count = tonumber(line:match "^Threads:%s*(%d+)") or count end
      return count
    end
    local before = threads()
    for _ = 1, 20 do
      start "return function(path) local file = io.open(path, 'a'); file:write 'x'; file:close() end"
      worker:ask(mailbox, 1, path)
      worker:close()
      assert.equal(1, mailbox:wait(SECONDS))
    end
    local file = io.open(path)
    assert.equal(("x"):rep(20), file:read "*a")
    file:close()
    os.remove(path)
    for _ = 1, 200 do
      if threads() <= before then break end
      core.sleep(0.01)
    end
    assert.is_true(threads() <= before)
  end)
end)
