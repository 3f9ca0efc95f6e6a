local json = require "reseller.json"
local jsonapi = require "reseller.jsonapi"

local function flatten(text)
  local value, nested = json.document(text)
  return jsonapi.flatten(assert(value, nested), not nested)
end

local document = [[{
  "data": {
    "id": "3007095", "type": "subscriptions",
    "attributes": { "name": "G Suite", "status": "active", "payment_model_parameters": {} },
    "relationships": {
      "account": { "data": { "id": "523", "type": "accounts" } },
      "plan": { "data": { "id": "1200", "type": "plans" } },
      "subscription_period": { "data": { "id": "6200", "type": "subscription_periods" } },
      "subscription_resources": { "data": [{ "id": "34847", "type": "subscription_resources" }] },
      "promo": { "data": null }
    },
    "meta": { "applications": [{ "plugin_name": "Vendor service" }] }
  },
  "included": [
    { "id": "523", "type": "accounts", "attributes": { "email": "test@example.com", "account_type": { "id": 1602 } },
      "relationships": { "subscriptions": { "data": [
        { "id": "3007095", "type": "subscriptions" }, { "id": "3007094", "type": "subscriptions" }] } } },
    { "id": "1200", "type": "plans", "attributes": {
      "plan_periods": { "data": [{ "id": "2014", "type": "plan_periods",
        "attributes": { "duration_type": "month", "prices": { "data": [{ "id": "1", "type": "prices",
          "attributes": { "fee": "0.0" } }] } } }] },
      "plan_resources": { "data": [] },
      "available_account_types": [{ "id": 1564, "name": "Физическое лицо" }] } }
  ]
}]]

describe("jsonapi.flatten", function()
  local sub = flatten(document)

  it("puts attributes, id, type and meta on the resource", function()
    assert.equal("3007095", sub.id)
    assert.equal("subscriptions", sub.type)
    assert.equal("active", sub.status)
    assert.equal("Vendor service", sub.meta.applications[1].plugin_name)
    assert.is_nil(sub.attributes)
    assert.is_nil(sub.relationships)
  end)

  it("links what was included", function()
    assert.equal("test@example.com", sub.account.email)
    assert.equal("1200", sub.plan.id)
  end)

  it("makes a cycle the same table", function()
    assert.equal(sub, sub.account.subscriptions[1])
  end)

  it("leaves a stub of what was not included", function()
    assert.same({ id = "3007094", type = "subscriptions" }, sub.account.subscriptions[2])
    assert.same({ id = "6200", type = "subscription_periods" }, sub.subscription_period)
    assert.same({ { id = "34847", type = "subscription_resources" } }, sub.subscription_resources)
  end)

  it("takes a null relationship for an absent one", function() assert.is_nil(sub.promo) end)

  it("flattens JSON:API inside attributes at any depth", function()
    assert.equal("month", sub.plan.plan_periods[1].duration_type)
    assert.equal("0.0", sub.plan.plan_periods[1].prices[1].fee)
    assert.same({}, sub.plan.plan_resources)
    assert.is_true(json.is_array(sub.plan.plan_resources))
  end)

  it("sees what is nested however its key is written", function()
    local one = flatten [[{"data":{"id":"1","type":"a","\u0061ttributes":{"n":[{"m":{"d\u0061ta":{"id":"2","type":"b","attributes":{"x":1}}}}]}}}]]
    assert.same({ x = 1, id = "2", type = "b" }, one.n[1].m)
    assert.is_false((select(2, json.document '{"data":{"attributes":{"x":{"y":1}},"relationships":{"b":{"data":{}}}}}')))
    assert.is_true((select(2, json.document '{"data":{"attributes":{"x":{"data":1}}}}')))
  end)

  it("links what is nested in attributes too", function()
    local one = flatten [[{"data":{"id":"1","type":"a","attributes":{"n":{"data":{"id":"2","type":"b","attributes":{},
      "relationships":{"up":{"data":{"id":"1","type":"a"}},"far":{"data":{"id":"9","type":"c"}}}}}}}}]]
    assert.equal(one, one.n.up)
    assert.same({ id = "9", type = "c" }, one.n.far)
  end)

  it("leaves plain objects in attributes as they are", function()
    assert.same({ id = 1602 }, sub.account.account_type)
    assert.same({ { id = 1564, name = "Физическое лицо" } }, sub.plan.available_account_types)
    assert.same({}, sub.payment_model_parameters)
  end)

  it("keeps an attribute whose name the resource needs under `attributes`", function()
    local order = flatten [[{"data":{"id":"5","type":"prolong_orders","attributes":{"type":"ProlongOrder","id":7,"total":"1.0"}}}]]
    assert.same({ id = "5", type = "prolong_orders", total = "1.0", attributes = { type = "ProlongOrder", id = 7 } }, order)
  end)

  it("gives a list as a list", function()
    local list = flatten [[{"data":[{"id":"1","type":"a","attributes":{"n":1}},{"id":"2","type":"a",
      "relationships":{"peer":{"data":{"id":"1","type":"a"}}}}]}]]
    assert.equal(2, #list)
    assert.equal(list[1], list[2].peer)
  end)

  it("keeps an empty list one", function()
    assert.is_true(json.is_array(flatten '{"data":[],"links":{}}'))
  end)

  it("compares ids as text", function()
    local one = flatten [[{"data":{"id":"1","type":"a","relationships":{"b":{"data":{"id":2,"type":"b"}}}},
      "included":[{"id":"2","type":"b","attributes":{"n":3}}]}]]
    assert.equal(3, one.b.n)
  end)

  it("survives what is no JSON:API", function()
    for _, text in ipairs { '{"data":[1,"x",null]}', '{"data":{"id":"1","type":"a","attributes":[],"relationships":[]}}',
      '{"data":{"id":"1","type":"a","relationships":{"b":1,"c":{"data":1},"d":{"data":[1]}}},"included":[1,null]}',
      '{"data":{"id":"1"}}', '{"data":{}}', '{"data":{"id":"1","type":"a","attributes":{"x":{"data":"y"},"z":{"data":{}}}}}' } do
      assert.is_table(flatten(text))
    end
  end)

  it("keeps objects that merely have a member called data", function()
    local one = flatten '{"data":{"id":"1","type":"a","attributes":{"x":{"data":"y"},"z":{"data":{"q":1}},"w":{"data":[1]}}}}'
    assert.same({ id = "1", type = "a", x = { data = "y" }, z = { data = { q = 1 } }, w = { data = { 1 } } }, one)
  end)
end)
