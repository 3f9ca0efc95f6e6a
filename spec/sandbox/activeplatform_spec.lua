local json = require "reseller.json"
local worlds = require "spec.sandbox.worlds"

local LIST = "/child_reseller_subscriptions"
local ALL = "account,plan,subscription_period,subscription_resources"

local function link(number, size)
  local target = LIST .. ("?meta=true&page%%5Bnumber%%5D=%d&page%%5Bsize%%5D=%d"):format(number, size)
  return "http://test.activeplatform.com/api/v3/resellers/1" .. target
end

local function by_type(included)
  local found = {}
  for _, item in ipairs(included) do
    found[item.type] = item
  end
  return found
end

describe("sandbox ActivePlatform", function()
  local subject = worlds.new()

  it("lists 1,146 subscriptions on 23 pages of 50, each once", function()
    local seen, count, page = {}, 0, 1
    repeat
      local status, body = subject:activeplatform("GET", LIST .. "?page[number]=" .. page)
      assert.equal(200, status)
      for _, item in ipairs(body.data) do
        assert.is_nil(seen[item.id])
        seen[item.id], count = true, count + 1
      end
      page = page + 1
    until not body.links.next
    assert.same({ 1146, 24 }, { count, page })
  end)

  it("shows the vendor's page where the vendor's sample shows it, links included", function()
    local _, body = subject:activeplatform("GET", LIST .. "?meta=true&page[number]=396&page[size]=2")
    assert.same({ "3007095", "3007096" }, { body.data[1].id, body.data[2].id })
    assert.same({ self = link(396, 2), first = link(1, 2), prev = link(395, 2), next = link(397, 2),
      last = link(573, 2) }, body.links)
  end)

  it("has no next link on the last page and a null for prev on the first", function()
    local _, first = subject:activeplatform("GET", LIST .. "?page[number]=1")
    local _, last = subject:activeplatform("GET", LIST .. "?page[number]=23")
    assert.equal(json.null, first.links.prev)
    assert.is_nil(last.links.next)
    assert.equal(last.links.last, last.links.self)
    assert.equal(46, #last.data)
  end)

  it("answers a page beyond the last with an empty list", function()
    local status, _, reply = subject:activeplatform("GET", LIST .. "?page[number]=24")
    assert.equal(200, status)
    assert.matches('^{"data":%[%],', reply.body)
  end)

  it("shows the vendor's subscription as the vendor does", function()
    local _, body = subject:activeplatform("GET", "/subscriptions/3007095")
    local attributes = body.data.attributes
    assert.same({
      "2020-08-05T05:44:55.355+03:00", 1200, 523, "1200 G Suite Business test.activeplatform.com", "active",
      "2020-09-05", 2014, json.null, "prepay",
    }, {
      attributes.created_at, attributes.plan_id, attributes.account_id, attributes.name, attributes.status,
      attributes.expiration_date, attributes.plan_period_id, attributes.promo_code, attributes.payment_model,
    })
    assert.same({ data = { { id = "34847", type = "subscription_resources" } } },
      body.data.relationships.subscription_resources)
    assert.is_nil(body.data.meta)
    assert.is_nil(body.included)
  end)

  it("adds applications with their credentials when asked for meta", function()
    local _, body = subject:activeplatform("GET", "/subscriptions/3007095?meta=true")
    assert.equal("pass123", body.data.meta.applications[1].first_password)
    local _, _, reply = subject:activeplatform("GET", "/subscriptions/3007096?meta=true")
    assert.matches('"meta":{"applications":%[%]}', reply.body)
  end)

  it("sends along what include names", function()
    local _, body = subject:activeplatform("GET", "/subscriptions/3007095?include=" .. ALL)
    assert.equal(4, #body.included)
    local related = by_type(body.included)
    assert.equal("9066.03", related.accounts.attributes.balance)
    assert.equal(8800, related.accounts.attributes.subscription_credit_limit)
    assert.equal("Юридическое лицо", related.accounts.attributes.account_type.name)
    assert.equal("0.0", related.subscription_periods.attributes.recurring_fee)
    assert.equal(1494, related.subscription_resources.attributes.resource_id)
    assert.equal("3463", related.plans.attributes.plan_resources.data[1].id)
    assert.equal(json.null, related.plans.attributes.plan_periods.data[2].attributes.duration_value)
    assert.equal("Физическое лицо", related.plans.attributes.available_account_types[1].name)
  end)

  it("closes the cycle from account to subscription and names one that is not included", function()
    local _, body = subject:activeplatform("GET", "/subscriptions/3007095?include=account")
    assert.same({ { id = "3007095", type = "subscriptions" }, { id = "3007094", type = "subscriptions" } },
      body.included[1].relationships.subscriptions.data)
  end)

  it("sends nothing along that was not named", function()
    local _, body = subject:activeplatform("GET", "/subscriptions/3007095?include=plan")
    assert.equal(1, #body.included)
    assert.equal("plans", body.included[1].type)
  end)

  it("has every oddity somewhere in its list", function()
    local _, _, reply = subject:activeplatform("GET", LIST .. "?page[size]=1146&meta=true")
    local oddities = {
      '"payment_model_parameters":{}', '"payment_model_parameters":{"credit_limit":5000.0,',
      '"applications":[]', '"expiration_date":null', '"promo_code":"ВЕСНА2026"',
      '"subscription_resources":{"data":[]}', '"subscription_period":{"data":null}',
      '"manual_renew_point":-1', '"name":"Резервное копирование"',
    }
    for _, oddity in ipairs(oddities) do
      assert.is_truthy(reply.body:find(oddity, 1, true), oddity)
    end
  end)

  it("shows a downstream reseller only what lies below it", function()
    local _, body = subject:call("GET", "/api/v3/resellers/4/child_reseller_subscriptions?page[size]=2000")
    assert.is_true(#body.data > 0 and #body.data < 1146)
    assert.equal(404, (subject:call("GET", "/api/v3/resellers/4/subscriptions/3007095")))
  end)

  local absent = {
    "/api/v3/resellers/1/subscriptions/1", "/api/v3/resellers/9/subscriptions/3007095",
    "/api/v3/resellers/9/child_reseller_subscriptions", "/api/v3/resellers/one/child_reseller_subscriptions",
    "/api/v3/resellers/1/plans", "/api/v3/resellers/1/subscriptions/3007095/",
  }
  for _, target in ipairs(absent) do
    it("answers 404 to " .. target, function()
      local status, body = subject:call("GET", target)
      assert.equal(404, status)
      assert.equal("404", body.errors.status)
      assert.is_string(body.errors.title)
    end)
  end

  it("can answer errors as a list", function()
    local other = worlds.new { error_shape = "array" }
    local _, body = other:activeplatform("GET", "/subscriptions/1")
    assert.equal("404", body.errors[1].status)
  end)

  it("answers the same bytes for the same seed", function()
    local function listed() return select(3, worlds.new():activeplatform("GET", LIST)).body end
    assert.equal(listed(), listed())
  end)
end)
