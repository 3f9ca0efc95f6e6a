local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local json = require "reseller.json"

local command = require "spec.cli.command"
local context = require "reseller.cli"
local csv = require "reseller.cli.output.csv"
local encoder = require "reseller.cli.output.json"
local plain = require "reseller.cli.output.plain"

--- What `show` prints.
local function show(data, spec, flags, options)
  local world = command.world(options)
  local shown = context.new(world, flags or {})
  local ok, fault = pcall(shown.show, shown, data, spec)
  return world.out.text, not ok and fault or nil, world.err.text
end

describe("CSV", function()
  local fields = {
    { "plain", "plain" }, { "a,b", '"a,b"' }, { 'say "x"', '"say ""x"""' }, { "two\nlines", '"two\nlines"' }, { " padded", '" padded"' },
    { 12, "12" }, { 1.5, "1.5" }, { 9007199254740993, "9007199254740993" }, { true, "true" }, { json.null, "" }, { json.array {}, "[]" },
    { "12.50", "12.50" }, { "-3.5", "-3.5" }, { "=1+1", "'=1+1" }, { "+SUM(A1)", "'+SUM(A1)" }, { "@x", "'@x" }, { "-2+3", "'-2+3" },
    { "=a,b", [["'=a,b"]] }, { "\tx", "'\tx" }, { { b = 1, a = "x" }, [["{""a"":""x"",""b"":1}"]] },
  }
  for _, case in ipairs(fields) do
    it(("writes %s"):format(tostring(case[1])), function() assert.equal(case[2], csv.field(case[1])) end)
  end

  it("ends lines as RFC 4180 says, with a head", function()
    local out = show({ { id = 1, name = "x" }, { id = 2 } }, { columns = { { path = "id" }, { path = "name" } } }, { csv = true })
    assert.equal("id,name\r\n1,x\r\n2,\r\n", out)
  end)

  it("has a head where there are no rows", function()
    assert.equal("id\r\n", (show({}, { columns = { { path = "id" } } }, { csv = true })))
  end)

  it("finds columns by itself, nested ones too", function()
    assert.equal("id,status,plan.title,z\r\n1,x,y,\r\n2,,,3\r\n",
      (show({ { id = 1, status = "x", plan = { title = "y" } }, { id = 2, z = 3 } }, {}, { csv = true })))
  end)
end)

describe("JSON", function()
  it("is exact, with names in order", function()
    assert.equal('{"a":[],"b":{},"big":9007199254740993,"f":1.0,"money":"12.50","n":null,"url":"https://x/\\\\/"}',
      encoder.encode { url = "https://x/\\/", n = json.null, money = "12.50", f = 1.0, big = 9007199254740993, b = {}, a = json.array {} })
  end)

  it("is one array of a list, also of none and of an iterator", function()
    assert.equal("[]\n", (show({}, {}, { json = true })))
    assert.equal('[{"id":1},\n{"id":2}]\n', (show({ { id = 1 }, { id = 2 } }, {}, { json = true })))
    local left = { { id = 3 } }
    assert.equal('[{"id":3}]\n', (show(function() return table.remove(left) end, {}, { json = true })))
  end)

  it("is one object of one thing", function() assert.equal('{"id":1}\n', (show({ id = 1 }, { one = true }, { json = true }))) end)

  it("is laid out over lines on a terminal, and reads back the same", function()
    local value = { { id = 1, list = { 1, 2 }, inner = { x = json.array {} } }, { id = 2 } }
    local out = show(value, {}, { json = true }, { terminal = true })
    assert.truthy(out:find '\n    "id": 1,\n')
    local text = assert(json.encode(value))
    assert.same(json.decode(text), json.decode(out))
  end)

  it("prints nothing when a row in the middle fails", function()
    local left = { { id = 1 }, { id = 2 } }
    local out, fault = show(function() return table.remove(left) or error({ fault = "lost" }, 0) end, {}, { json = true })
    assert.equal("", out)
    assert.equal("lost", fault.fault)
  end)
end)

describe("JSON Lines", function()
  it("is what a pipe gets, a row at once", function()
    local world, seen = command.world(), {}
    local shown, left = context.new(world, {}), { { id = 2 }, { id = 1 } }
    shown:show(function()
      seen[#seen + 1] = world.out.text
      return table.remove(left)
    end, {})
    assert.same({ "", '{"id":1}\n', '{"id":1}\n{"id":2}\n' }, seen)
  end)

  it("has the chosen columns, in their order", function()
    local out = show({ { id = 1, plan = { title = "x" }, other = 2 } }, { columns = { { path = "plan.title", title = "plan" } } },
      { columns = "plan,id" })
    assert.equal('{"plan":"x","id":1}\n', out)
  end)
end)

describe("chosen columns", function()
  it("that no row has are refused with the nearest name, before anything is printed", function()
    local rows = {}
    for i = 1, 30 do rows[i] = { id = i, plan = { billingCycle = "WEEKLY" } } end
    for _, format in ipairs { "json", "jsonl", "csv", "table" } do
      local out, fault = show(rows, {}, { columns = "id,bilingCycle", [format] = true })
      assert.equal("", out)
      assert.equal("--columns: there is no field bilingCycle", fault.fault)
    end
    local _, fault = show(rows, {}, { columns = "billingcycle" })
    assert.equal("did you mean plan.billingCycle?", fault.hint)
  end)

  it("that no row has are refused where there are few rows, too", function()
    local out, fault = show({ { id = 1 }, { id = 2 } }, {}, { columns = "id,nmae" })
    assert.equal("", out)
    assert.equal("--columns: there is no field nmae", fault.fault)
  end)

  it("are doubted for twenty rows, not for a whole list", function()
    local asked = 0
    local _, fault = show(function()
      asked = asked + 1
      return { id = asked }
    end, {}, { columns = "nmae" })
    assert.truthy(fault.fault:find("nmae", 1, true))
    assert.equal(20, asked)
  end)

  it("may be in some rows only", function()
    assert.equal("id,rare\r\n1,\r\n2,x\r\n", (show({ { id = 1 }, { id = 2, rare = "x" } }, {}, { columns = "id,rare", csv = true })))
  end)

  it("are needed", function() assert.equal(2, select(2, show({}, {}, { columns = " , " })).exit) end)
end)

describe("secrets", function()
  local value = { app = { apiKey = "GHO-live", title = "x" }, api_token = "t", Password = "p", tokenless = true,
    meta = { applications = { { plugin_name = "Vendor", first_password = "pass123", customer_id = "new1" } } } }

  for _, format in ipairs { "json", "jsonl", "csv", "table" } do
    it("are masked in " .. format, function()
      local out = show(value, { one = true }, { [format] = true })
      for _, secret in ipairs { "GHO%-live", "pass123", "new1", '"t"' } do assert.is_nil(out:find(secret)) end
      assert.truthy(out:find("Vendor", 1, true))
      assert.truthy(out:find("***", 1, true))
    end)

    it("are shown in " .. format .. " on demand", function()
      local out = show(value, { one = true }, { [format] = true, show_secrets = true })
      for _, secret in ipairs { "GHO%-live", "pass123", "new1" } do assert.truthy(out:find(secret)) end
    end)
  end

  it("are masked in chosen columns", function()
    assert.equal('{"app.apiKey":"***"}\n', (show({ value }, {}, { columns = "app.apiKey" })))
  end)

  it("are no booleans and nothing that is empty", function()
    assert.same({ has_token = true, token = json.null, secret = "" }, plain.copy { has_token = true, token = json.null, secret = "" })
  end)
end)

describe("copies for output", function()
  it("end where a cycle closes, and keep what is only shared", function()
    local sub = { id = 1, type = "subscriptions" }
    local account = { id = 2, type = "accounts", subscriptions = { sub } }
    sub.account, sub.payer = account, account
    local reference = { id = 1, type = "subscriptions" }
    local copied = { id = 2, type = "accounts", subscriptions = json.array { reference } }
    assert.same({ id = 1, type = "subscriptions", account = copied, payer = copied }, plain.copy(sub))
  end)
end)

describe("standard output that fails", function()
  local function failing(code, why)
    local world = command.world()
    function world.out.write() return nil, why, code end
    return select(2, pcall(context.new(world, {}).show, context.new(world, {}), { { id = 1 } }, {}))
  end

  it("ends without words when nobody reads any more", function() assert.is_true(failing(32, "Broken pipe").broken_pipe) end)

  it("is a fault otherwise", function()
    assert.equal("standard output: No space left on device", failing(28, "No space left on device").fault)
  end)
end)
