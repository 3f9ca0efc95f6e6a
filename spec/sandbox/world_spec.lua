local worlds = require "spec.sandbox.worlds"

local SAMPLE = "/subscriptions/" .. worlds.SAMPLE

describe("sandbox world", function()
  it("books requests with the credential masked", function()
    local subject = worlds.new()
    subject:ghostealth("POST", "/subscriptions?x=1", worlds.PLAN)
    subject:activeplatform("GET", "/child_reseller_subscriptions?page[size]=1")
    subject:ghostealth("GET", "", nil, { authorization = "Basic c2VjcmV0" })
    local list = subject.world.requests:list()
    local first, second, third = list[1], list[2], list[3]
    assert.same({ 1, "POST", "/dev/v1.0/resellers/subscriptions" }, { first.seq, first.method, first.path })
    assert.same({ "create_subscription", 400, false, worlds.PLAN },
      { first.endpoint, first.status, first.executed, first.body })
    assert.same({ x = "1" }, first.query)
    assert.equal("ApiKey ***", first.headers.authorization)
    assert.same({ "***", true, 200 }, { second.headers["x-api-token"], second.executed, second.status })
    assert.equal("***", third.headers.authorization)
  end)

  it("says which request a charge belongs to", function()
    local subject = worlds.new()
    subject:ghostealth("GET", "")
    subject:ghostealth("PUT", SAMPLE)
    local charge = subject.world.charges:list()[1]
    assert.same({ 1, 2, worlds.SAMPLE, 2000 }, { charge.seq, charge.request, charge.subject, charge.amount })
    assert.equal(subject.world.requests:list()[2].at, charge.at)
  end)

  it("limits Ghostealth to 10 requests in 60 seconds and says when to come back", function()
    local subject = worlds.new { limit = true }
    for _ = 1, 10 do
      assert.equal(200, (subject:ghostealth("GET", "")))
    end
    subject.seconds = subject.seconds + 12.5
    local status, body, reply = subject:ghostealth("PUT", SAMPLE)
    assert.equal(429, status)
    assert.same({ success = false, message = "Too many requests." }, body)
    assert.equal("48", reply.headers["retry-after"])
    assert.equal(0, subject.world.charges:count())
    subject.seconds = subject.seconds + 47.5
    assert.equal(200, (subject:ghostealth("PUT", SAMPLE)))
  end)

  it("limits neither ActivePlatform nor who has no key", function()
    local subject = worlds.new { limit = true, requests = 1 }
    for _ = 1, 5 do
      assert.equal(200, (subject:activeplatform("GET", "/subscriptions/3007095")))
      assert.equal(401, (subject:ghostealth("GET", "", nil, { authorization = false })))
    end
    assert.equal(200, (subject:ghostealth("GET", "")))
  end)

  local shapes = { { "seconds", "60" }, { "date", "Wed, 21 Oct 2026 09:01:00 GMT" }, { "none", nil } }
  for _, case in ipairs(shapes) do
    it("can say when to come back as " .. case[1], function()
      local subject = worlds.new { limit = true, requests = 1, retry_after = case[1] }
      subject:ghostealth("GET", "")
      local status, _, reply = subject:ghostealth("GET", "")
      assert.equal(429, status)
      assert.equal(case[2], reply.headers["retry-after"])
    end)
  end

  it("limits on real time, whatever the date", function()
    local subject = worlds.new { limit = true, requests = 1 }
    subject:ghostealth("GET", "")
    subject.world.calendar:advance(3600)
    assert.equal(429, (subject:ghostealth("GET", "")))
  end)

  it("is as new after a reset", function()
    local subject = worlds.new { balance = 5000 }
    subject:ghostealth("PUT", SAMPLE)
    subject.world.faults:arm { { kind = "close" } }
    subject.world:set { list_shape = "null" }
    subject.world.calendar:advance(3600)
    subject.world:reset()
    local world = subject.world
    assert.same({ 0, 0, 0 }, { world.charges:count(), world.requests:count(), #world.faults:list() })
    assert.equal(5000, (subject.world.ghostealth:balance()))
    assert.equal("array", subject.world.settings.list_shape)
    assert.equal(1773124248000, subject.world.calendar:now())
    assert.equal(1773729048080, subject:subscription(worlds.SAMPLE).period["end"].timestamp)
  end)

  it("does not carry out what a fault comes before, and does what it comes after", function()
    for _, case in ipairs { { "before", 0 }, { "after", 1 } } do
      local subject = worlds.new()
      subject.world.faults:arm { { kind = "status", status = 500, when = case[1] } }
      assert.equal(500, (subject:ghostealth("PUT", SAMPLE)))
      assert.equal(case[2], subject.world.charges:count())
      local entry = subject.world.requests:list()[1]
      assert.same({ case[2] == 1, "status", 500 }, { entry.executed, entry.fault, entry.status })
    end
  end)

  local refusals = {
    { { window = 0 }, "window: expected a number above 0, got 0" },
    { { requests = 0.5 }, "requests: expected a whole number from 1, got 0.5" },
    { { count = "leaky" }, "count: expected one of sliding_log, fixed_window, token_bucket, first_hit" },
    { { limit = "no" }, "limit: expected true or false, got no" },
    { { list_shape = "tree" }, "list_shape: expected one of array" },
    { { colour = 1 }, "colour: unknown setting" },
  }
  for _, case in ipairs(refusals) do
    it("refuses a setting: " .. case[2], function()
      local subject = worlds.new()
      local ok, why = subject.world:set(case[1])
      assert.is_nil(ok)
      assert.equal(case[2], why:sub(1, #case[2]))
    end)
  end

  it("raises for options that are not fit", function()
    assert.error_matches(function() worlds.new { window = -1 } end, "window: expected")
    assert.error_matches(function() worlds.new { start = "now" } end, "start: expected")
  end)

  it("starts at the date it is given", function()
    local subject = worlds.new { start = "2027-01-01T00:00:00Z" }
    assert.equal(1798761600000, subject.world.calendar:now())
    assert.equal("TERMINATED", subject:subscription(worlds.SAMPLE).status)
  end)

  local pages = {
    { { cap = 5 }, "page=1", 5, 6 },
    { { stuck = 0 }, "page=2", 20, 1 },
    { { shift = 1 }, "page=1", 20, 22 },
    { { shift = -1 }, "page=1", 20, 20 },
  }
  for i, case in ipairs(pages) do
    it(("misnumbers pages of Ghostealth on demand, case %d"):format(i), function()
      local subject = worlds.new()
      local _, all = subject:ghostealth("GET", "/subscriptions?size=45")
      case[1].kind = "page"
      assert(subject.world.faults:arm { case[1] })
      local _, body = subject:ghostealth("GET", "/subscriptions?" .. case[2])
      assert.equal(case[3], #body.data)
      assert.equal(all.data[case[4]].id, body.data[1].id)
    end)
  end

  local LIST = "/child_reseller_subscriptions?page[number]=2&page[size]=100"
  local links = {
    { { next = "self" }, function(page) return page.next == page.self end },
    { { last = "self" }, function(page) return page.last == page.self end },
    { { host = "http://evil.test" }, function(page) return page.next:find "^http://evil.test/api/" end },
    { { cap = 10 }, function(page) return page.last:find("=115&page%%5Bsize%%5D=10$") end },
  }
  for i, case in ipairs(links) do
    it(("misdirects links of ActivePlatform on demand, case %d"):format(i), function()
      local subject = worlds.new()
      case[1].kind = "page"
      assert(subject.world.faults:arm { case[1] })
      local _, odd = subject:activeplatform("GET", LIST)
      assert.is_truthy(case[2](odd.links))
      local _, even = subject:activeplatform("GET", LIST)
      assert.is_falsy(case[2](even.links))
    end)
  end
end)
