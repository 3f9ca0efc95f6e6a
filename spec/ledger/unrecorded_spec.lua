local ledgers = require "spec.support.ledgers"

describe("a spend that the ledger cannot record", function()
  local box, machine, path, ledger, gs, client

  local function executed(endpoint) return ledgers.count(box, endpoint, true) end
  local function bought() return ledgers.buy(box) end
  local function entry(filter) return ledgers.last(ledger, filter) end

  before_each(function() box, machine, path, ledger, gs, client = ledgers.stage() end)
  after_each(function()
    ledger:close()
    ledgers.clean()
  end)

  local function refuse(id, before)
    local value, err = gs:renew_subscription(id)
    assert.is_nil(value)
    assert.same({ "refused", "no", 0 }, { err.kind, err.sent, executed "renew_subscription" - before })
    return err.message
  end

  it("is refused before anything is sent, and says why", function()
    local id = bought()
    ledger.store_:execute "PRAGMA query_only=ON"
    assert.equal("the ledger cannot be used: attempt to write a readonly database; nothing was sent", refuse(id, 0))
    ledger.store_:execute "PRAGMA query_only=OFF"
    assert.is_table((gs:renew_subscription(id)))
  end)

  it("is refused when the disk is full, and what was sent before that is known", function()
    local id = bought()
    ledger.store_:query "PRAGMA max_page_count=1" -- the file cannot grow any more
    local done, err = 0, nil
    for _ = 1, 30 do
      local value, why = gs:renew_subscription(id)
      done, err = done + (value and 1 or 0), err or not value and why
    end
    assert.same({ "refused", "no", done }, { err.kind, err.sent, executed "renew_subscription" })
    assert.truthy(err.message:find("database or disk is full; nothing was sent", 1, true))
    ledger.store_:query "PRAGMA max_page_count=100000"
    assert.is_table((gs:renew_subscription(id)))
    assert.equal(done + 1, #ledgers.list(ledger, { verdict = "done" }))
  end)

  it("is refused when another program holds the file", function()
    local id = bought()
    local other = machine.open(path)
    ledger:close()
    ledger = machine.open(path, nil, { busy = 0.05 })
    gs = client { ledger = ledger }
    other.store_:transaction(function()
      assert.truthy(refuse(id, 0):find("database is locked", 1, true))
    end)
    other:close()
    assert.is_table((gs:renew_subscription(id)))
  end)

  it("is refused once the ledger was closed", function()
    local id = bought()
    ledger:close()
    assert.truthy(refuse(id, 0):find("it was closed", 1, true))
  end)

  it("is refused when the mark as sent cannot be made, and may be made later", function()
    local id = bought()
    local execute = ledger.store_.execute
    ledger.store_.execute = function(store, sql, ...)
      if sql:find "verdict = 'sent', sends" then error({ fault = "disk I/O error" }, 0) end
      return execute(store, sql, ...)
    end
    assert.truthy(refuse(id, 0):find("disk I/O error", 1, true))
    ledger.store_.execute = nil
    assert.is_table((gs:renew_subscription(id)))
    assert.same({ "refused", "done" }, { ledgers.list(ledger)[1].verdict, ledgers.list(ledger)[2].verdict })
  end)

  it("returns what came of it when only the outcome cannot be recorded, and records that later", function()
    local id = bought()
    local conclude = ledger.store_.execute
    ledger.store_.execute = function(store, sql, ...)
      if sql:find "SET caller_key" then error({ fault = "database or disk is full" }, 0) end
      return conclude(store, sql, ...)
    end
    local value, meta = gs:renew_subscription(id)
    assert.is_true(value.success)
    assert.equal("database or disk is full", meta.unrecorded)
    ledger.store_.execute = nil
    assert.equal("done", entry().verdict)
  end)

  it("is none because of what a server gone mad says", function()
    local id = bought()
    for _, body in ipairs { '{"message":"a\\u0000b \\ud83d\\ude00"}', "a\0b\255", "<h1>\255\0</h1>" } do
      box:fault { kind = "body", status = 409, body = body, endpoint = "renew_subscription" }
      assert.equal("rejected", select(2, gs:renew_subscription(id)).kind)
      assert.equal("refused", entry().verdict)
    end
  end)
end)
