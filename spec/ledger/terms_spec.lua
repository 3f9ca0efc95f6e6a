local json = require "reseller.json"
local terms = require "reseller.ledger.terms"

local client = { ledger_ = {}, defaults_ = { reseller_id = "12" }, rows_ = {}, mask_ = function(_, text) return text end }
local renew = { id = "renew_thing", effect = "spend", settle = "period", path = "/things/{id}/renewals",
  params = { { name = "id", place = "path", type = "integer" }, { name = "reseller_id", place = "path", type = "integer", option = true },
    { name = "size", place = "body", type = "integer", seen = "plan.size" } } }
local create = { id = "create_thing", effect = "spend", settle = "new", path = "/things", params = { renew.params[3] } }
client.rows_ = { renew_thing = renew, create_thing = create }

describe("the terms of a call", function()
  it("are taken out of its parameters, which stay as they were", function()
    local params = { size = 5, key = "k", expect_end = 1773729048080 }
    local rest, found = terms.take(client, renew, params)
    assert.same({ { size = 5 }, { key = "k", expect_end = 1773729048080 } }, { rest, found })
    assert.equal("k", params.key)
    assert.same({ {}, {} }, { select(2, terms.take(client, renew, nil)), select(2, terms.take(client, renew, {})) })
  end)

  it("are named where a parameter is not known", function()
    assert.same({ "key", "expect_end" }, terms.of(renew))
    assert.same({ "key" }, terms.of(create))
  end)

  it("are at fault for a row that has nothing to compare, and without a ledger", function()
    local _, found, field = terms.take(client, create, { expect_end = 1773729048080 })
    assert.same({ nil, "expect_end" }, { found, field })
    _, found, field = terms.take({ defaults_ = {} }, renew, { key = "k" })
    assert.same({ nil, "key" }, { found, field })
  end)
end)

describe("a call in the ledger", function()
  local function call(row, params, body, ...) return terms.call(client, row, {}, params, body, ...) end

  it("is written the same however its values come", function()
    local text = '{"id":7,"reseller_id":12,"size":5}'
    for _, id in ipairs { 7, "7", 7.0 } do assert.equal(text, call(renew, nil, { size = 5 }, id).parameters) end
    assert.equal(text, call(renew, { reseller_id = 12 }, { size = 5 }, 7).parameters)
    assert.equal('{"id":7,"reseller_id":13,"size":5}', call(renew, { reseller_id = 13 }, { size = 5 }, 7).parameters)
  end)

  it("is about what its path names, or about the shape of something new", function()
    assert.equal("7", call(renew, nil, { size = 5 }, 7).subject)
    assert.equal('new {"plan.size":5}', call(create, nil, { size = 5 }).subject)
    assert.same({ ["plan.size"] = 5 }, call(create, nil, { size = 5 }).shape)
  end)

  it("keeps lists, keys in order, and what is empty", function()
    local row = { params = {}, effect = "spend" }
    local values = { b = { 2, 1 }, a = { z = true, y = "x" }, c = json.array {} }
    assert.equal('{"a":{"y":"x","z":true},"b":[2,1],"c":[]}', call(row, nil, values).parameters)
  end)

  it("of the caller's own is about what the table says of its path", function()
    local function subject(target) return terms.request(client, { method = "POST" }, nil, target).subject end
    assert.equal("7", subject "/things/7/renewals?x=1")
    assert.equal("a b", subject "/things/a%20b/renewals")
    assert.equal("/things", subject "/things")
    assert.equal("/things/7/renewals/1", subject "/things/7/renewals/1")
  end)
end)
