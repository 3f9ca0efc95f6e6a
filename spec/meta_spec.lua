local core = require "reseller.core"
local clients = require "spec.support.clients"
local luacats = require "spec.support.luacats"
local pages = require "reseller.pages"
local reseller = require "reseller"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"
local shapes = require "spec.support.shapes"

local META = "lua/reseller/meta.lua"

local function sorted(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return list
end

describe(META, function()
  local blocks, types = luacats.blocks(META), shapes.of(META)

  --- The functions of a table in the file, by name.
  local function functions(prefix)
    local found = {}
    for _, block in ipairs(blocks) do
      local name = block.fn and block.fn.name:match("^" .. prefix:gsub("%p", "%%%0") .. "([%w_]+)$")
      if name then found[name] = block end
    end
    return found
  end

  local function public(object)
    local names = {}
    for name, value in pairs(object) do
      if type(value) == "function" and not name:find "_$" then names[name] = true end
    end
    return sorted(names)
  end

  local made = {}
  local box, room
  setup(function()
    box, room = sandbox.shared(), script.folder()
    made.ghostealth = clients.ghostealth(box)
    made.activeplatform = clients.activeplatform(box)
  end)
  teardown(function() script.remove(room) end)

  it("does nothing when it is run", function()
    assert.is_table(dofile(META))
    assert.is_nil(rawget(_G, "ghostealth"))
  end)

  it("tells of the public functions of the module, and of no others", function()
    assert.same(public(reseller), sorted(functions "reseller."))
    assert.same({ "open" }, sorted(functions "ledger."))
    local fields = {}
    for name, value in pairs(reseller) do fields[name] = type(value) ~= "function" or nil end
    assert.same(sorted(fields), sorted(types:fields "reseller"))
  end)

  for name in pairs(core.platforms()) do
    it("tells of the methods of a client of " .. name .. ", and of no others", function()
      local told = functions(name .. ":")
      for method in pairs(functions "Client:") do told[method] = true end
      assert.same(public(getmetatable(made[name]).__index), sorted(told))
    end)
  end

  it("tells of the methods of a ledger, and of no others", function()
    local ledger = assert(reseller.ledger.open(room .. "/methods.db"))
    assert.same(public(getmetatable(ledger).__index), sorted(functions "Ledger:"))
    ledger:close()
  end)

  it("explains every function, and tells the types of all that goes in and comes out", function()
    local silent = { ["Client:close"] = true, ["Ledger:close"] = true }
    for _, block in ipairs(blocks) do
      if block.fn then
        assert.truthy(block.doc[1], block.fn.name)
        local names = {}
        for i, param in ipairs(block.params) do names[i] = param.name end
        assert.same(block.fn.params, names, block.fn.name)
        assert.is_true(#block.returns > 0 or silent[block.fn.name] or false, block.fn.name)
      end
    end
  end)

  local function union_of(choices)
    local union = { kind = "union" }
    for i, choice in ipairs(choices) do union[i] = { kind = "literal", value = choice } end
    return union
  end

  --- The annotated field of a parameter in the table that a row's method takes.
  local function field_of(row, param)
    local class = ("reseller.%s.%s.params"):format(row.platform, row.id)
    local group, inner = param.name:match "^(.-)%[(.-)%]$"
    local known = group and types:fields(class .. "." .. group)[inner] or types:fields(class)[param.name]
    return known and known.field
  end

  for _, row in ipairs(core.endpoints()) do
    it("takes for " .. row.platform .. "." .. row.id .. " what its row takes", function()
      local block = functions(row.platform .. ":")[row.id]
      local position = 0
      for _, param in ipairs(row.params) do
        if param.place == "path" and not param.option then
          position = position + 1
          assert.equal(param.name, block.params[position].name)
          assert.is_false(block.params[position].optional)
        else
          local field = assert(field_of(row, param), param.name)
          assert.equal(param.required and not param.option, not field.optional, param.name)
          if param.choices then
            local union = union_of(param.choices)
            local expected = param.type == "list" and { { kind = "array", of = union }, (table.unpack or unpack)(union) } or union -- luacheck: ignore
            expected.kind = "union"
            assert.same(expected, field.type)
          end
        end
      end
      local class = types.classes[("reseller.%s.%s.params"):format(row.platform, row.id)]
      assert.equal(class and position + 1 or position, #block.params)
    end)
  end

  it("types what calls take as they take it", function()
    for _, row in ipairs(core.endpoints()) do
      for _, param in ipairs(row.params) do
        local field = (param.place ~= "path" or param.option) and field_of(row, param)
        local sample = param.choices and param.choices[1] or param.default
        if sample == nil then sample = param.type == "boolean" or 1 end
        if field then assert.is_nil(types:fault(sample, field.type, row.id .. "." .. param.name)) end
      end
    end
  end)

  --- The type of the first value that a method returns.
  local function result_of(row)
    local node = functions(row.platform .. ":")[row.id].returns[1].type
    return node[1]
  end

  local function conforms(value, node, name)
    assert.is_nil(types:fault(value, node, name))
  end

  local function named(name) return { kind = "name", name = name, of = {} } end

  local rows = {}
  for _, row in ipairs(core.endpoints()) do rows[row.platform .. "." .. row.id] = row end

  --- Makes a call, checks value and meta.
  local function call(name, ...)
    local platform, id = name:match "^(.-)%.(.*)$"
    local client = made[platform]
    local value, info = client[id](client, ...)
    assert.is_not_nil(value, tostring(info))
    conforms(value, result_of(rows[name]), id)
    conforms(info, named "reseller.Meta", id .. ".meta")
    rows[name].called = true
    return value
  end

  local INCLUDE = { "account", "plan", "subscription_period", "subscription_resources" }

  local function call_everything()
    call "ghostealth.get_reseller"
    local list = call("ghostealth.list_subscriptions", { size = 50 })
    local sub = call("ghostealth.create_subscription", { billingCycle = "ANNUAL", connections = 2000, authentications = 10 })
    call("ghostealth.update_subscription", sub.id, { billingCycle = "WEEKLY", connections = 100 })
    call("ghostealth.renew_subscription", sub.id)
    call("ghostealth.suspend_subscription", sub.id)
    call("ghostealth.resume_subscription", sub.id)
    call("ghostealth.cancel_subscription", sub.id)
    call("ghostealth.list_subscriptions", { size = 50 })
    assert.equal(45, #list)
    for number = 1, 6 do
      local children = call("activeplatform.list_child_subscriptions", { page = { size = 200, number = number }, meta = number % 2 == 0 })
      for i = 1, #children, 20 do
        call("activeplatform.get_subscription", children[i].id, { include = INCLUDE, meta = true })
      end
    end
    call("activeplatform.get_subscription", 3007095, { include = INCLUDE, meta = true })
  end

  -- What the sandbox has no value for, as the vendor's samples have none.
  local UNSEEN = {
    "reseller.activeplatform.Account.manager", "reseller.activeplatform.Account.manager_id",
    "reseller.activeplatform.AccountClass.receipt_day", "reseller.activeplatform.Plan.ancestry",
    "reseller.activeplatform.PlanResource.measurable", "reseller.activeplatform.SubscriptionPeriod.description",
    "reseller.activeplatform.SubscriptionResource.measurable",
  }

  it("tells of every field that calls return, of its type, and of no field besides", function()
    box:reset()
    call_everything()
    for name, row in pairs(rows) do assert.is_true(row.called, name) end
    local unseen = {}
    for class_name, class in pairs(types.classes) do
      local is_result = class_name:find "^reseller%.%l+%.%u" and not class_name:find "%.Client$" and not class_name:find "%.ledger%."
      for _, field in ipairs(is_result and class.fields or {}) do
        local name = class_name .. "." .. field.name
        if not types.seen[name] then unseen[name] = true end
      end
    end
    assert.same(UNSEEN, sorted(unseen))
  end)

  it("tells what iterators return", function()
    for name, row in pairs(rows) do
      if row.paging then
        local method = pages.name(row.id)
        local returned = functions(row.platform .. ":")[method].returns[1].type
        for item in made[row.platform][method](made[row.platform]) do conforms(item, returned.returns[1], name) end
      end
    end
  end)

  it("refuses what is not of the type", function()
    local list = named "reseller.ghostealth.Subscription"
    local sub = made.ghostealth:list_subscriptions()[1]
    sub.period["end"].timestamp = "soon"
    assert.truthy(types:fault(sub, list, "sub"):find("sub.period.end.timestamp: expected integer", 1, true))
    sub = made.ghostealth:list_subscriptions()[1]
    sub.colour = "red"
    assert.truthy(types:fault(sub, list, "sub"):find("no field colour", 1, true))
    sub.colour, sub.status = nil, "GONE"
    assert.truthy(types:fault(sub, list, "sub"):find 'sub.status: expected "ACTIVE"')
    sub.status = nil
    assert.truthy(types:fault(sub, list, "sub"))
  end)

  it("tells what errors are", function()
    local gs, known = made.ghostealth, named "reseller.Error"
    box:reset()
    local function check(kind, value, err)
      assert.is_nil(value)
      assert.equal(kind, err.kind)
      conforms(err, known, kind)
    end
    check("invalid", gs:create_subscription { billingCycle = "WEEKLY", connections = 1 })
    check("not_found", gs:renew_subscription "su_none")
    box:fault { kind = "reset", endpoint = "renew_subscription" }
    check("unknown", gs:renew_subscription(gs:list_subscriptions()[1].id))
    box:fault { kind = "status", status = 429, headers = { ["retry-after"] = "400" }, endpoint = "get_reseller" }
    check("limited", gs:get_reseller())
    check("refused", reseller.ledger.open(room .. "/none/ledger.db"))
    local closed = clients.ghostealth(box)
    closed:close()
    conforms(select(2, pcall(closed.get_reseller, closed)), known, "closed")
  end)

  it("tells what a ledger has, and what it gives", function()
    box:reset()
    local path, reasons = room .. "/ledger.db", {}
    local ledger = assert(reseller.ledger.open(path))
    local gs = clients.ghostealth(box, { ledger = ledger, cap = { per_day = 1000000, per_run = 100 },
      on_wait = function(_, reason) reasons[#reasons + 1] = reason end,
      on_event = function(event) conforms(event, named "reseller.Event", "event") end })
    local sub = assert(gs:create_subscription { billingCycle = "WEEKLY", connections = 100, key = "one" })
    local _, info = assert(gs:create_subscription { billingCycle = "WEEKLY", connections = 100, key = "one" })
    conforms(info, named "reseller.Meta", "replayed")
    assert(gs:suspend_subscription(sub.id))
    conforms(select(2, gs:renew_subscription(sub.id, { expect_end = 1773729048080 })), named "reseller.Error", "stale")
    local count = 0
    for entry in ledger:entries() do
      count = count + 1
      conforms(entry, named "reseller.ledger.Entry", "entry")
    end
    assert.is_true(count >= 2)
    conforms(ledger:totals(), luacats.type "reseller.ledger.Total[]", "totals")
    assert.equal(sub.id, ledger:explain(sub.id)[1].made)
    for _, entry in ipairs(ledger:explain(sub.id)) do conforms(entry, named "reseller.ledger.Entry", "told") end
    conforms(ledger:reconcile(gs), functions("Ledger:").reconcile.returns[1].type, "reconcile")
    ledger:close()
  end)

  it("tells what the endpoint table has", function()
    conforms(reseller.endpoints(), functions("reseller.").endpoints.returns[1].type, "endpoints")
    assert.is_nil(types:fault(reseller.null, types:fields("reseller").null.field.type))
  end)

  it("names the kinds of errors that there are", function()
    local source = shapes.of "lua/reseller/errors.lua"
    assert.same(source.aliases["reseller.kind"], types.aliases["reseller.kind"])
  end)
end)
