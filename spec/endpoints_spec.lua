local core = require "reseller.core"
local clients = require "spec.support.clients"
local sandbox = require "spec.support.sandbox"

--- A value that a parameter takes.
local function sample(param, ids)
  if param.place == "path" then return ids[param.name] end
  if param.choices then return param.type == "list" and param.choices or param.choices[1] end
  if param.default ~= nil then return param.default end
  if param.type == "boolean" then return true end
  return param.type == "integer" and (param.min or 1) or "id"
end

--- Arguments for a call of the row, with every parameter that it has.
local function arguments(row, ids)
  local positions, params = {}, {}
  for _, param in ipairs(row.params) do
    if param.place == "path" and not param.option then
      positions[#positions + 1] = sample(param, ids)
    elseif param.place ~= "path" then
      params[param.name] = sample(param, ids)
    end
  end
  positions[#positions + 1] = params
  return positions
end

local function query_text(param, value)
  return param.type == "list" and table.concat(value, ",") or tostring(value)
end

describe("every endpoint, against the sandbox:", function()
  local box, made
  setup(function() box = sandbox.shared() end)
  before_each(function()
    box:reset()
    made = { ghostealth = clients.ghostealth(box), activeplatform = clients.activeplatform(box) }
  end)

  --- An id in the state that the call wants.
  local function ids(row)
    local gs = made.ghostealth
    local list = gs:list_subscriptions { size = 50 }
    for _, sub in ipairs(list) do
      if sub.status == "ACTIVE" and not sub.canceled then
        if row.id == "resume_subscription" then assert(gs:suspend_subscription(sub.id)) end
        return { subscriptionId = sub.id, subscription_id = 3007095, reseller_id = 1 }
      end
    end
  end

  for _, row in ipairs(core.endpoints()) do
    it(row.platform .. "." .. row.id .. " is sent as its row says and answered as its row says", function()
      local client, id = made[row.platform], ids(row)
      local before = #box:requests()
      local args = arguments(row, id)
      local value, meta = client[row.id](client, (table.unpack or unpack)(args)) -- luacheck: ignore
      assert.is_table(value, tostring(meta))
      assert.equal(200, meta.status)
      assert.equal(1, meta.attempts)
      local request = box:requests()[before + 1]
      assert.equal(row.method, request.method)
      assert.is_true(request.executed)
      assert.equal((row.path:gsub("{([%w_]+)}", id)), (request.path:gsub("^/dev/v1.0", "")))
      for _, param in ipairs(row.params) do
        if param.place == "query" then
          assert.equal(query_text(param, args[#args][param.name]), request.query[param.name])
        end
      end
    end)

    if row.effect == "spend" then
      it(row.platform .. "." .. row.id .. " is charged once", function()
        local client, id = made[row.platform], ids(row)
        assert(client[row.id](client, (table.unpack or unpack)(arguments(row, id)))) -- luacheck: ignore
        assert.equal(1, #box:charges())
        assert.equal(row.id, box:charges()[1].endpoint)
      end)
    end
  end

  it("the calls of the design page run as written", function()
    local gs, ap = made.ghostealth, made.activeplatform
    local count = 0
    for sub in gs:each_subscription() do
      assert.is_number((sub.period["end"].timestamp / 1000 - os.time()) / 86400)
      count = count + 1
    end
    assert.equal(45, count)
    local sub = assert(ap:get_subscription(3007095, { include = { "account", "plan" } }))
    assert.same({ "active", "test@example.com", "G Suite Business", "month" },
      { sub.status, sub.account.email, sub.plan.name, sub.plan.plan_periods[1].duration_type })
    assert.equal(sub, sub.account.subscriptions[1])
    assert.is_nil(sub.account.subscriptions[2].attributes)
    assert.equal("Юридическое лицо", sub.account.account_type.name)
  end)

  it("numbers are exact", function()
    local sub = made.ghostealth:list_subscriptions { size = 1 }[1]
    assert.equal(("%d"):format(sub.period.start.timestamp), tostring(sub.period.start.timestamp))
    assert.equal(sub.plan.price.grossAmount, sub.plan.price.netAmount + sub.plan.price.taxAmount)
    if math.type then -- luacheck: ignore
      assert.equal("integer", math.type(sub.plan.price.grossAmount)) -- luacheck: ignore
      assert.equal("float", math.type(sub.plan.price.taxRate)) -- luacheck: ignore
    end
    assert.is_string(made.activeplatform:get_subscription(3007095, { include = "account" }).account.balance)
  end)

  it("nulls are absent, or kept on request", function()
    assert.is_nil(made.activeplatform:get_subscription(3007095).promo_code)
    local keeping = clients.activeplatform(box, { keep_null = true })
    assert.equal(require("reseller").null, keeping:get_subscription(3007095).promo_code)
  end)
end)
