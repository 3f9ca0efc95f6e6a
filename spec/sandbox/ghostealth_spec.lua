local worlds = require "spec.sandbox.worlds"

local DAY = 86400
local SAMPLE = "/subscriptions/" .. worlds.SAMPLE

local function amounts(subject)
  local list = {}
  for i, charge in ipairs(subject.world.charges:list()) do
    list[i] = charge.amount
  end
  return list
end

local function ids(data)
  local list = {}
  for i, item in ipairs(data) do
    list[i] = item.id
  end
  return list
end

-- The first subscription with this status.
local function id_with(subject, status)
  for _, record in ipairs(subject.world.ghostealth:subscriptions()) do
    if record.status == status and not record.canceled then return record.id end
  end
end

describe("sandbox Ghostealth", function()
  local subject
  before_each(function() subject = worlds.new() end)

  it("shows the reseller with its balance, counts and key", function()
    local status, body = subject:ghostealth("GET", "")
    assert.equal(200, status)
    assert.same({ currency = "USD", value = 2500000, fee = 0 }, body.data.balance.amount)
    assert.equal("GHO-sandboxkey-STEA-sandboxkey-LTH", body.data.app.apiKey)
    local counts = body.data.statistic
    assert.equal(45, counts.totalSubscriptions)
    assert.equal(45, counts.activeSubscriptions + counts.stoppedSubscriptions
      + counts.terminatedSubscriptions + counts.suspendedSubscriptions)
  end)

  it("shows the vendor's sample as the newest subscription", function()
    local _, body = subject:ghostealth("GET", "/subscriptions?page=0&size=1&sortBy=id&direction=DESC")
    assert.same({
      id = worlds.SAMPLE, status = "ACTIVE", type = "STANDARD", canceled = false,
      period = {
        start = { timestamp = 1773124248080, date = 1773124248080 },
        ["end"] = { timestamp = 1773729048080, date = 1773729048080 },
      },
      consumption = { bytes = 0, requests = 0 },
      plan = {
        id = "pl_69afba85bc32119ad6daa8e8", title = "GS-DAT 100", description = "Weekly billing",
        billingCycle = "WEEKLY",
        price = { currency = "USD", netAmount = 1681, grossAmount = 2000, taxAmount = 319, feeAmount = 0,
          taxRate = 19.0 },
        configuration = { type = "DATACENTER", connections = 100, authentications = 1 },
      },
      slots = { { id = "sl_69afba98bc32119ad6daa8f2", status = "ENABLED", state = "UNBOUND",
        synchronization = "SYNCED", type = "IP" } },
    }, body.data[1])
  end)

  it("lists 45 subscriptions on three pages of 20, newest first", function()
    local seen, sizes = {}, {}
    for page = 0, 3 do
      local _, body = subject:ghostealth("GET", "/subscriptions?page=" .. page)
      sizes[page + 1] = #body.data
      for _, id in ipairs(ids(body.data)) do
        assert.is_true(#seen == 0 or id < seen[#seen])
        seen[#seen + 1] = id
      end
    end
    assert.same({ 20, 20, 5, 0 }, sizes)
  end)

  it("lists oldest first when asked to", function()
    local _, newest = subject:ghostealth("GET", "/subscriptions?direction=DESC&size=45")
    local _, oldest = subject:ghostealth("GET", "/subscriptions?direction=ASC&size=45")
    assert.equal(newest.data[1].id, oldest.data[45].id)
  end)

  it("writes ids whose first digits are the second of creation", function()
    subject.seconds = subject.seconds + 77
    local _, body = subject:ghostealth("POST", "/subscriptions", worlds.PLAN)
    local second = tonumber(body.data.id:match("^su_(%x%x%x%x%x%x%x%x)"), 16)
    assert.equal(1773124248 + 77, second)
    assert.equal(subject:subscription(body.data.id).period.start.timestamp, second * 1000)
  end)

  it("has prices that add up in every plan", function()
    local _, body = subject:ghostealth("GET", "/subscriptions?size=45")
    for _, item in ipairs(body.data) do
      local price = item.plan.price
      assert.equal(price.grossAmount, price.netAmount + price.taxAmount)
      assert.equal(item.plan.configuration.authentications, #item.slots)
    end
  end)

  it("creates a subscription, answers briefly and charges the plan's price", function()
    local request = '{"billingCycle":"MONTHLY","connections":200,"authentications":3}'
    local status, body = subject:ghostealth("POST", "/subscriptions", request)
    assert.equal(200, status)
    local configuration = { connections = 200, authentications = 3 }
    local plan = { billingCycle = "MONTHLY", configuration = configuration }
    local id = body.data.id
    assert.same({ id = id, status = "ACTIVE", type = "STANDARD", canceled = false, plan = plan }, body.data)
    local price = subject:subscription(id).plan.price.grossAmount
    assert.same({ price }, amounts(subject))
    assert.equal(2500000 - price, (subject.world.ghostealth:balance()))
    local charge = subject.world.charges:list()[1]
    assert.same({ "create_subscription", id, "USD", 1 },
      { charge.endpoint, charge.subject, charge.currency, charge.request })
  end)

  it("replaces the plan on update and charges the new one", function()
    local request = '{"billingCycle":"ANNUAL","connections":500,"authentications":4}'
    local status, body = subject:ghostealth("POST", SAMPLE, request)
    assert.equal(200, status)
    assert.equal("ANNUAL", body.data.plan.billingCycle)
    local record = subject:subscription(worlds.SAMPLE)
    assert.equal("GS-DAT 500", record.plan.title)
    assert.equal(4, #record.slots)
    assert.equal(365 * DAY * 1000, record.period["end"].timestamp - record.period.start.timestamp)
    assert.same({ record.plan.price.grossAmount }, amounts(subject))
  end)

  it("renews by a cycle on PUT and charges each time", function()
    for i = 1, 2 do
      local status, body = subject:ghostealth("PUT", SAMPLE)
      assert.equal(200, status)
      assert.same({ success = true, message = "Subscription renewed successfully." }, body)
      local period = subject:subscription(worlds.SAMPLE).period
      assert.equal(1773729048080 + i * 7 * DAY * 1000, period["end"].timestamp)
      assert.equal(1773124248080, period.start.timestamp)
    end
    assert.same({ 2000, 2000 }, amounts(subject))
  end)

  it("suspends and resumes, answering an empty object", function()
    for _, step in ipairs { { "/suspend", "SUSPENDED" }, { "/resume", "ACTIVE" } } do
      local status, body, reply = subject:ghostealth("PUT", SAMPLE .. step[1])
      assert.same({ 200, {}, "{}" }, { status, body, reply.body })
      assert.equal(step[2], subject:subscription(worlds.SAMPLE).status)
    end
  end)

  it("cancels for good, and ends the subscription with its period", function()
    assert.equal(200, (subject:ghostealth("PUT", SAMPLE .. "/cancel")))
    local record = subject:subscription(worlds.SAMPLE)
    assert.same({ "ACTIVE", true }, { record.status, record.canceled })
    for _, action in ipairs { "", "/cancel", "/suspend", "/resume" } do
      assert.equal(409, (subject:ghostealth("PUT", SAMPLE .. action)))
    end
    subject.world.calendar:advance(8 * DAY)
    assert.equal("TERMINATED", subject:subscription(worlds.SAMPLE).status)
  end)

  it("ends what is not renewed in time, and keeps what is", function()
    local created = select(2, subject:ghostealth("POST", "/subscriptions", worlds.PLAN)).data.id
    subject:ghostealth("PUT", SAMPLE)
    subject.world.calendar:advance(8 * DAY)
    assert.equal("TERMINATED", subject:subscription(created).status)
    assert.equal("ACTIVE", subject:subscription(worlds.SAMPLE).status)
    assert.equal(409, (subject:ghostealth("PUT", "/subscriptions/" .. created)))
  end)

  local transitions = {
    { "ACTIVE", "/resume", 409 }, { "SUSPENDED", "/suspend", 409 }, { "SUSPENDED", "/resume", 200 },
    { "SUSPENDED", "", 200 }, { "STOPPED", "", 409 }, { "STOPPED", "/cancel", 200 },
    { "STOPPED", "/resume", 409 },
  }
  for _, case in ipairs(transitions) do
    it(("answers %d to PUT %s of one that is %s"):format(case[3], case[2], case[1]), function()
      local path = "/subscriptions/" .. id_with(subject, case[1]) .. case[2]
      local status, body = subject:ghostealth("PUT", path)
      assert.equal(case[3], status)
      if status == 409 then assert.matches("it is " .. case[1], body.message) end
    end)
  end

  it("answers 404 for a subscription it does not have", function()
    local status, body = subject:ghostealth("PUT", "/subscriptions/su_nope/suspend")
    assert.equal(404, status)
    assert.same({ success = false, message = "Subscription not found." }, body)
  end)

  it("refuses with 402 what the balance does not cover, and charges nothing", function()
    subject.world:set { balance = 1999 }
    local create, update = { "POST", "/subscriptions", worlds.PLAN }, { "POST", SAMPLE, worlds.PLAN }
    for _, call in ipairs { create, update, { "PUT", SAMPLE } } do
      local status, body = subject:ghostealth(call[1], call[2], call[3])
      assert.equal(402, status)
      assert.same({ success = false, message = "Insufficient balance." }, body)
    end
    assert.same({}, amounts(subject))
    assert.equal(45, subject.world.ghostealth:counts().total)
  end)

  local shapes = {
    { "object", "size=1", '^{"data":{"id":' }, { "object", "size=2", '^{"data":%[{"id":' },
    { "null", "size=2", '^{"data":null}$' }, { "missing", "size=2", "^{}$" },
    { "content", "size=2", '^{"data":{"content":%[{"id":' },
  }
  for _, case in ipairs(shapes) do
    it(("can answer lists as %s with %s"):format(case[1], case[2]), function()
      subject.world:set { list_shape = case[1] }
      local _, _, reply = subject:ghostealth("GET", "/subscriptions?" .. case[2])
      assert.matches(case[3], reply.body)
    end)
  end

  it("answers the same bytes for the same seed, others for another", function()
    local function listed(seed)
      return select(3, worlds.new({ seed = seed }):ghostealth("GET", "/subscriptions")).body
    end
    assert.equal(listed(7), listed(7))
    assert.not_equal(listed(7), listed(8))
  end)
end)
