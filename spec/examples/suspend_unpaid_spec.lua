local clients = require "spec.support.clients"
local sandbox = require "spec.support.sandbox"
local support = require "spec.examples.support"

describe("examples/suspend_unpaid.lua", function()
  local box, home, ids

  setup(function() box = sandbox.start { limit = false, start = support.today(), subscriptions = 15 } end)
  teardown(function() box:stop() end)

  before_each(function()
    box:reset()
    home, ids = support.home(), {}
    for i, sub in ipairs(support.active(box)) do ids[i] = sub.id end
  end)
  after_each(function() home:remove() end)

  -- Runs it with a file of these lines; what it says of each line, and all that it says.
  local function suspend(lines, newline)
    local path = home:write("customers.csv", table.concat(lines, newline or "\n") .. "\n")
    local output, status = home:run("suspend_unpaid", box, path)
    local said = {}
    for number, words in output:gmatch "line (%d+) +([^\n]*)" do said[tonumber(number)] = words:gsub("  +", " ") end
    return said, status, output
  end

  local function status_of(id) return support.find(box, id).status end

  it("suspends who has not paid, and nobody else", function()
    local said, status, output = suspend { "id,paid", ids[1] .. ",no", ids[2] .. ",yes" }
    assert.equal(0, status, output)
    assert.equal(ids[1] .. " suspended", said[2])
    assert.equal(ids[2] .. " paid", said[3])
    assert.truthy(output:find "\n1 suspended, 1 left as they are, 0 unknown, 0 bad or failed\n$")
    assert.equal("SUSPENDED", status_of(ids[1]))
    for i = 2, #ids do assert.equal("ACTIVE", status_of(ids[i])) end
  end)

  it("leaves alone what it suspended before", function()
    local lines = { "id,paid", ids[1] .. ",no" }
    suspend(lines)
    local said, status = suspend(lines)
    assert.equal(0, status)
    assert.equal(ids[1] .. " is SUSPENDED already", said[2])
    assert.equal(1, support.executed(box, "suspend_subscription"))
  end)

  it("suspends again after a payment and a new month without one", function()
    local lines = { "id,paid", ids[1] .. ",no" }
    suspend(lines)
    assert(clients.ghostealth(box):resume_subscription(ids[1]))
    assert.equal(ids[1] .. " suspended", suspend(lines)[2])
    assert.equal("SUSPENDED", status_of(ids[1]))
  end)

  it("reads what spreadsheets write", function()
    local said, status, output = suspend({ '\239\187\191"Customer","Paid","ID"',
      ('"Müller, ""Karin""","NO","%s"'):format(ids[1]), ("ООО «Ромашка», FALSE , %s"):format(ids[2]), "",
      ("Bob,1,%s"):format(ids[3]) }, "\r\n")
    assert.equal(0, status, output)
    assert.equal("SUSPENDED", status_of(ids[1]))
    assert.equal("SUSPENDED", status_of(ids[2]))
    assert.equal(ids[3] .. " paid", said[5])
  end)

  it("names each line that it does not understand, and changes nothing for it", function()
    local said, status = suspend { "customer,id,paid", "a," .. ids[1] .. ',"per""haps"', "b, c," .. ids[2] .. ",no", "d,,no",
      '"e,' .. ids[3] .. ",no", "f," .. ids[4], "g,../../x,no", "h," .. ids[5] .. ",no" }
    assert.equal(3, status)
    assert.same({ [2] = 'bad: paid: expected yes or no, got "per\\"haps"', [3] = "bad: expected 3 fields, got 4",
      [4] = 'bad: id: expected one like su_69afba98…, got ""', [5] = "bad: its quotes do not come in pairs",
      [6] = "bad: expected 3 fields, got 2", [7] = 'bad: id: expected one like su_69afba98…, got "../../x"',
      [8] = ids[5] .. " suspended" }, said)
    assert.equal(1, support.executed(box, "suspend_subscription"))
  end)

  it("changes nothing where two lines contradict each other", function()
    local said, status = suspend { "id,paid", ids[1] .. ",no", ids[2] .. ",no", ids[1] .. ",yes", ids[1] .. ",no",
      ids[2] .. ",no" }
    assert.equal(3, status)
    for _, number in ipairs { 2, 4, 5 } do assert.equal(ids[1] .. " bad: another line says otherwise", said[number]) end
    assert.equal(ids[2] .. " is SUSPENDED already", said[6])
    assert.equal("ACTIVE", status_of(ids[1]))
  end)

  it("says which subscription does not exist", function()
    local said, status = suspend { "id,paid", "su_0123456789abcdef01234567,no" }
    assert.equal(1, status)
    assert.equal("su_0123456789abcdef01234567 there is no such subscription", said[2])
  end)

  it("calls unknown what may be suspended, and sees by itself later", function()
    box:fault { kind = "reset", endpoint = "suspend_subscription", when = "after" }
    local lines = { "id,paid", ids[1] .. ",no" }
    local said, status = suspend(lines)
    assert.equal(4, status)
    assert.truthy(said[2]:find("suspend_subscription: unknown: ", 1, true))
    said, status = suspend(lines)
    assert.equal(0, status)
    assert.equal(ids[1] .. " is SUSPENDED already", said[2])
    assert.equal(1, support.executed(box, "suspend_subscription"))
    assert.equal("done", home:entries { subject = ids[1] }[1].verdict)
  end)

  it("does nothing when the list cannot be read", function()
    box:fault { kind = "status", status = 401, endpoint = "list_subscriptions" }
    local _, status, output = suspend { "id,paid", ids[1] .. ",no" }
    assert.equal(1, status)
    assert.truthy(output:find "list_subscriptions: auth %(HTTP 401%)")
    assert.equal("ACTIVE", status_of(ids[1]))
  end)

  it("wants a header with both columns", function()
    local _, status, output = suspend { ids[1] .. ",no" }
    assert.equal(1, status)
    assert.truthy(output:find("customers.csv: line 1: expected a header with the columns id and paid\n", 1, true))
  end)

  it("wants a file that is there", function()
    local output, status = home:run("suspend_unpaid", box)
    assert.equal(2, status)
    assert.equal("usage: suspend_unpaid.lua customers.csv\n", output)
    output, status = home:run("suspend_unpaid", box, home:file "nothing.csv")
    assert.equal(1, status)
    assert.truthy(output:find "nothing%.csv: No such file")
  end)
end)
