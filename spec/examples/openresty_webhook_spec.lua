local openresty = require "spec.support.openresty"
local script = require "spec.support.script"

if not script.is_main_run then return end -- it is nginx's own LuaJIT that runs what is tested here

local await = openresty.await

describe("POST /webhooks/unpaid", function()
  local box, desk, active, events
  setup(function() box = openresty.sandbox { subscriptions = 120 } end)
  teardown(function() box:stop() end)

  local function start(variables)
    if desk then desk:stop() end
    desk = openresty.start(box, { variables = variables })
  end

  setup(function()
    start {}
    active, events = {}, 0
    for _, sub in ipairs(desk:get("/subscriptions/expiring?within=400d").value.subscriptions) do
      if sub.status == "ACTIVE" and not sub.canceled then active[#active + 1] = sub.id end
    end
  end)
  teardown(function() desk:stop() end)
  before_each(function() box:clear_faults() end)

  --- A message that was not sent before.
  local function message()
    events = events + 1
    return { event = "event-" .. events, subscription = table.remove(active) }
  end

  --- How often the platform carried a suspension out, and how often it was asked to.
  local function suspended(subscription)
    local executed, asked = 0, 0
    for _, request in ipairs(box:requests()) do
      if request.endpoint == "suspend_subscription" and request.path:find(subscription, 1, true) then
        asked = asked + 1
        if request.executed then executed = executed + 1 end
      end
    end
    return executed, asked
  end

  local function outcome(reply) return reply.status .. " " .. tostring(reply.value and reply.value.outcome) end

  it("suspends, and gives the recorded result when it is sent again", function()
    local sent = message()
    local first = desk:webhook(sent)
    assert.equal("200 suspended", outcome(first))
    assert.is_false(first.value.replayed)
    local asked = #box:requests()
    for _ = 1, 4 do
      local again = desk:webhook(sent)
      assert.equal("200 suspended", outcome(again))
      assert.is_true(again.value.replayed)
      assert.equal(first.value.entry, again.value.entry)
    end
    assert.equal(asked, #box:requests())
    assert.same({ 1, 1 }, { suspended(sent.subscription) })
  end)

  it("suspends once when eight come at once", function()
    box:fault { kind = "delay", seconds = 0.2, endpoint = "suspend_subscription" }
    local sent, replies, fresh = message(), {}, 0
    for i = 1, 8 do replies[i] = desk:send_webhook(sent) end
    for _, reply in ipairs(replies) do
      local answer = reply()
      assert.equal("200 suspended", outcome(answer), answer.body)
      if not answer.value.replayed then fresh = fresh + 1 end
    end
    assert.equal(1, fresh)
    assert.same({ 1, 1 }, { suspended(sent.subscription) })
  end)

  it("goes on when the sender hangs up", function()
    box:fault { kind = "delay", seconds = 0.3, endpoint = "list_subscriptions" }
    box:fault { kind = "delay", seconds = 0.3, endpoint = "suspend_subscription" }
    local sent = message()
    local asked = #box:requests()
    local _, peer = desk:send_webhook(sent)
    assert.is_true(await(function() return #box:requests() > asked end))
    peer:close()
    assert.is_true(await(function() return suspended(sent.subscription) == 1 end))
    local again = desk:webhook(sent)
    assert.equal("200 suspended", outcome(again))
    assert.is_true(again.value.replayed)
    assert.same({ 1, 1 }, { suspended(sent.subscription) })
  end)

  it("answers 502 when the reply is lost, and the next try finds out that it was done", function()
    box:fault { kind = "reset", endpoint = "suspend_subscription", when = "after" }
    local sent = message()
    local first = desk:webhook(sent)
    assert.equal("502 unknown", outcome(first))
    assert.equal(tostring(first.value.retry_after), first.headers["retry-after"])
    local again = desk:webhook(sent)
    assert.equal("200 suspended", outcome(again))
    assert.is_true(again.value.replayed)
    assert.truthy(again.value.message:find "status was ACTIVE, and is SUSPENDED now")
    assert.same({ 1, 1 }, { suspended(sent.subscription) })
  end)

  it("answers 502 as long as it may still be under way, and tells when to come back", function()
    box:fault { kind = "reset", endpoint = "suspend_subscription", when = "before" }
    local sent = message()
    assert.equal("502 unknown", outcome(desk:webhook(sent)))
    local again = desk:webhook(sent)
    assert.equal("502 unknown", outcome(again))
    assert.truthy(again.value.message:find "still ACTIVE; it may still be under way until")
    assert.is_true(again.value.retry_after > 60 and again.value.retry_after <= 121)
    assert.same({ 0, 1 }, { suspended(sent.subscription) })
  end)

  it("refuses an event that was used for another subscription", function()
    local sent = message()
    desk:webhook(sent)
    local other = message()
    local reply = desk:webhook { event = sent.event, subscription = other.subscription }
    assert.equal("409 refused", outcome(reply))
    assert.equal("event", reply.value.field)
    assert.same({ 0, 0 }, { suspended(other.subscription) })
  end)

  it("says what the platform said when it refuses, and leaves the event free", function()
    box:fault { kind = "status", endpoint = "suspend_subscription", status = 409, body = '{"message":"not today"}' }
    local sent = message()
    local reply = desk:webhook(sent)
    assert.equal("422 refused", outcome(reply))
    assert.equal("not today", reply.value.message)
    assert.equal("200 suspended", outcome(desk:webhook(sent)))
    local unheard = desk:webhook { event = "unheard", subscription = "su_000000000000000000000000" }
    assert.equal("422 refused", outcome(unheard))
  end)

  it("asks to come back when the platform does not let it in", function()
    box:fault { kind = "status", endpoint = "suspend_subscription", status = 401, body = "{}" }
    local sent = message()
    local reply = desk:webhook(sent)
    assert.equal("503 not sent", outcome(reply))
    assert.truthy(tonumber(reply.headers["retry-after"]))
    assert.equal("200 suspended", outcome(desk:webhook(sent)))
  end)

  describe("refuses", function()
    local good = "su_69afba98bc32119ad6daa8f0"
    for name, case in pairs {
      ["what is not JSON"] = { "{", "body" }, ["an empty body"] = { "", "body" }, ["a list"] = { "[]", "body" },
      ["a text"] = { '"x"', "body" }, ["null"] = { "null", "body" },
      ["a message without an event"] = { '{"subscription":"' .. good .. '"}', "event" },
      ["an event that is a number"] = { '{"event":17,"subscription":"' .. good .. '"}', "event" },
      ["an event with a line break"] = { '{"event":"a\\nb","subscription":"' .. good .. '"}', "event" },
      ["a long event"] = { '{"event":"' .. ("x"):rep(101) .. '","subscription":"' .. good .. '"}', "event" },
      ["an empty event"] = { '{"event":"","subscription":"' .. good .. '"}', "event" },
      ["no subscription"] = { '{"event":"a"}', "subscription" },
      ["a subscription that leads elsewhere"] = { '{"event":"a","subscription":"su_1/../../x"}', "subscription" },
      ["a list of subscriptions"] = { '{"event":"a","subscription":["' .. good .. '"]}', "subscription" },
    } do
      it(name .. ", and names " .. case[2], function()
        local before = #box:requests()
        local reply = desk:webhook(case[1])
        assert.equal("400 invalid", outcome(reply))
        assert.equal(case[2], reply.value.field)
        assert.truthy(reply.value.message:find("^" .. case[2] .. ": expected "))
        assert.equal(before, #box:requests())
      end)
    end

    it("a body over the limit, also when its length is not told", function()
      local large = '{"event":"' .. ("x"):rep(8200) .. '"}'
      assert.equal("413 invalid", outcome(desk:webhook(large)))
      local chunked = ("%x\r\n%s\r\n0\r\n\r\n"):format(#large, large)
      local reply, peer = desk:send { port = desk.webhooks, path = "/webhooks/unpaid", method = "POST",
        headers = { ["transfer-encoding"] = "chunked" } }
      peer:write(chunked)
      peer:flush()
      assert.equal("413 invalid", outcome(reply()))
    end)

    it("other methods and other paths", function()
      local function ask(method, path)
        return desk:send { port = desk.webhooks, path = path, method = method }()
      end
      local reply = ask("GET", "/webhooks/unpaid")
      assert.same({ 405, "POST" }, { reply.status, reply.headers.allow })
      for _, path in ipairs { "/", "/metrics", "/subscriptions/expiring", "/webhooks/other" } do
        assert.equal(404, ask("GET", path).status)
      end
    end)

    local body = '{"event":"forged","subscription":"su_69afba98bc32119ad6daa8f0"}'
    local function signed(secret, timestamp, text)
      return { ["webhook-timestamp"] = timestamp, ["webhook-signature"] = openresty.sign(secret, timestamp, text) }
    end
    local now = tostring(os.time())
    for name, case in pairs {
      ["no signature at all"] = { {}, "Webhook-Timestamp" },
      ["a time alone"] = { { ["webhook-timestamp"] = now }, "Webhook-Signature" },
      ["a wrong secret"] = { signed("another secret, as long as ours", now, body), "Webhook-Signature" },
      ["the signature of another body"] = { signed(openresty.SECRET, now, body .. " "), "Webhook-Signature" },
      ["a part of the signature"] = { { ["webhook-timestamp"] = now,
        ["webhook-signature"] = openresty.sign(openresty.SECRET, now, body):sub(1, -3) }, "Webhook-Signature" },
      ["an old message"] = { signed(openresty.SECRET, tostring(os.time() - 3600), body), "Webhook-Timestamp" },
      ["one from the future"] = { signed(openresty.SECRET, tostring(os.time() + 3600), body), "Webhook-Timestamp" },
      ["a time that is none"] = { signed(openresty.SECRET, "soon", body), "Webhook-Timestamp" },
    } do
      it(name .. ", and names " .. case[2], function()
        local before = #box:requests()
        local reply = desk:webhook(body, case[1])
        assert.equal("401 invalid", outcome(reply))
        assert.equal(case[2], reply.value.field)
        assert.equal(before, #box:requests())
        assert.is_nil(reply.body:find(openresty.SECRET, 1, true))
      end)
    end
  end)

  it("keeps serving through reloads under load, and suspends each once", function()
    box:fault { kind = "delay", seconds = 0.1, endpoint = "suspend_subscription", times = 100 }
    local sent, replies = {}, {}
    for round = 1, 6 do
      for _ = 1, 3 do
        local one = message()
        sent[#sent + 1] = one
        for _ = 1, 2 do replies[#replies + 1] = desk:send_webhook(one) end
      end
      replies[#replies + 1] = desk:send { port = desk.pages, path = "/" }
      if round % 2 == 0 then desk:signal_nginx "HUP" end
    end
    for _, reply in ipairs(replies) do
      local answer = reply()
      assert.equal(200, answer.status, answer.body)
    end
    for _, one in ipairs(sent) do
      assert.same({ 1, 1 }, { suspended(one.subscription) })
      assert.is_true(desk:webhook(one).value.replayed)
    end
    assert.is_true(await(function() return #desk:workers() == 2 end))
    for line in desk:log("error"):gmatch "[^\n]+" do assert.truthy(line:find "too large", line) end
  end)

  it("finds out what came of a lost reply by itself, when nobody asks again", function()
    start { DESK_REFRESH = "0.3" }
    box:fault { kind = "reset", endpoint = "suspend_subscription", when = "after" }
    local sent = message()
    assert.equal("502 unknown", outcome(desk:webhook(sent)))
    assert.is_true(await(function() return desk:get("/metrics").body:find "\nreseller_ledger_unknown 0\n" ~= nil end))
    assert.truthy(desk:get("/").body:find "status was ACTIVE, and is SUSPENDED now")
    assert.same({ 1, 1 }, { suspended(sent.subscription) })
  end)

  it("sends once more what was lost before it was carried out, when that is certain", function()
    start { DESK_GRACE = 0 }
    box:fault { kind = "reset", endpoint = "suspend_subscription", when = "before" }
    local sent = message()
    assert.equal("502 unknown", outcome(desk:webhook(sent)))
    assert.equal("200 suspended", outcome(desk:webhook(sent)))
    assert.same({ 1, 2 }, { suspended(sent.subscription) })
  end)

  it("asks to come back when the limit is used up", function()
    start { DESK_LIMIT = "4/60", DESK_PATIENCE = 0 }
    local reply
    for _ = 1, 4 do reply = desk:webhook(message()) end
    assert.equal("503 not sent", outcome(reply))
    assert.truthy(reply.value.message:find "the limit asks for a wait of")
    assert.is_true(reply.value.retry_after > 30)
  end)

  it("sends nothing when the ledger cannot be written", function()
    local sent = message()
    start { DESK_LEDGER = "/dev/null/ledger.db" }
    local before = #box:requests()
    local reply = desk:webhook(sent)
    assert.equal("503 not sent", outcome(reply))
    assert.truthy(reply.value.message:find("/dev/null/ledger.db", 1, true))
    assert.equal(before, #box:requests())
  end)
end)
