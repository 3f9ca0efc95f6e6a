local clients = require "spec.support.clients"
local core = require "reseller.core"
local json = require "reseller.json"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"
local support = require "spec.examples.support"

describe("examples/watch.lua", function()
  local box, home, gs, first, days

  setup(function() box = sandbox.start { limit = false, start = support.today(), subscriptions = 12 } end)
  teardown(function() box:stop() end)

  -- A number of days that takes in only the one that ends first.
  before_each(function()
    box:reset()
    home, gs = support.home(), clients.ghostealth(box)
    local active = support.active(box)
    first = active[1]
    days = ("days=%.6f"):format(((active[1].period["end"].timestamp + active[2].period["end"].timestamp) / 2000 - os.time()) / 86400)
  end)
  after_each(function() home:remove() end)

  local function watch(...) return home:run("watch", box, home:file "state", "every=0", ...) end
  local function ends_at(sub) return os.date("!%Y-%m-%d %H:%M UTC", math.floor(sub.period["end"].timestamp / 1000)) end

  it("tells once that a subscription is about to end", function()
    local output, status = watch("rounds=2", days)
    assert.equal(0, status, output)
    assert.equal(first.id .. " ends " .. ends_at(first) .. "\n", output)
    output, status = watch("rounds=1", days)
    assert.equal(0, status)
    assert.equal("", output)
  end)

  it("tells again when a new period is about to end", function()
    watch("rounds=1", days)
    gs:renew_subscription(first.id)
    local later = support.find(box, first.id)
    assert.truthy(watch("rounds=1", "days=400"):find(first.id .. " ends " .. ends_at(later) .. "\n", 1, true))
  end)

  it("says nothing of what is canceled or far away", function()
    gs:cancel_subscription(first.id)
    assert.equal("", (watch("rounds=1", days)))
  end)

  it("tells once what a status has become", function()
    watch("rounds=1", "days=0")
    gs:suspend_subscription(first.id)
    assert.equal(first.id .. " was ACTIVE, is SUSPENDED\n", (watch("rounds=2", "days=0")))
    gs:resume_subscription(first.id)
    gs:cancel_subscription(first.id)
    assert.equal(first.id .. " was SUSPENDED, is ACTIVE, canceled\n", (watch("rounds=2", "days=0")))
  end)

  it("tells each time the balance gets low", function()
    box:settings { balance = 9999 }
    assert.equal("the balance is low: 9999 minor units of USD\n", (watch("rounds=2", "days=0")))
    box:settings { balance = 10000 }
    assert.equal("", (watch("rounds=1", "days=0")))
    box:settings { balance = -1 + 1 }
    assert.equal("the balance is low: 0 minor units of USD\n", (watch("rounds=1", "days=0")))
    assert.equal("", (watch("rounds=1", "days=0", "balance=1000")))
  end)

  it("hands each alert to the hook, on its standard input", function()
    box:settings { balance = 0 }
    local output, status = watch("rounds=1", days, ("hook=cat >>%s; echo told"):format(home:file "alerts"))
    assert.equal(0, status)
    assert.equal("told\ntold\n", output)
    assert.equal("the balance is low: 0 minor units of USD\n" .. first.id .. " ends " .. ends_at(first) .. "\n", home:read "alerts")
  end)

  it("tells again what the hook could not take", function()
    local output, status = watch("rounds=1", days, "hook=exit 3")
    assert.equal(1, status)
    assert.equal("watch.lua: the hook failed: exit 3\n", output)
    assert.equal(first.id .. " ends " .. ends_at(first) .. "\n", (watch("rounds=1", days)))
  end)

  it("lets no shell read what a platform sends", function()
    watch("rounds=1", "days=0")
    local item = support.find(box, first.id)
    item.status = ("$(touch %s)`touch %s`\nx=y"):format(home:file "oops", home:file "oops")
    local odd = { kind = "body", body = json.encode { data = json.array { item } }, endpoint = "list_subscriptions" }
    box:fault(odd)
    local output = watch("rounds=1", "days=0")
    assert.equal(("%s was ACTIVE, is %s\n"):format(first.id, item.status), output)
    box:fault(odd)
    assert.equal("", (watch("rounds=1", "days=0")))
    assert.is_nil(home:read "oops")
  end)

  it("goes on after a look that failed, and forgets nothing", function()
    watch("rounds=1", days)
    box:fault { kind = "status", status = 401, endpoint = "list_subscriptions" }
    local output, status = watch("rounds=2", days)
    assert.equal(0, status)
    assert.truthy(output:find "^watch%.lua: list_subscriptions: auth %(HTTP 401%)[^\n]*\n$")
    box:fault { kind = "status", status = 401, endpoint = "get_reseller" }
    assert.equal(1, select(2, watch("rounds=1", days)))
  end)

  it("does not tell again what it told before a look failed", function()
    box:settings { balance = 0 }
    box:fault { kind = "status", status = 401, endpoint = "list_subscriptions" }
    assert.truthy(watch("rounds=1", "days=0"):find "^the balance is low: 0 minor units of USD\nwatch%.lua: list_sub")
    assert.equal("", (watch("rounds=1", "days=0")))
  end)

  it("says nothing of an end that is past", function()
    first.period["end"].timestamp = first.period["end"].timestamp - 86400000 * 400
    box:fault { { kind = "body", body = json.encode { data = json.array { first } }, endpoint = "list_subscriptions" },
      { kind = "body", body = '{"data":[]}', endpoint = "list_subscriptions", times = 9 } }
    assert.equal("", (watch("rounds=1", "days=400")))
  end)

  -- Starts it in a group of processes of its own, as a shell does with what runs in a terminal; sends Ctrl-C to that
  -- when it is ready; and gives its exit code and output.
  local function interrupt(is_ready)
    local command = support.command("watch", home:file "state", "every=1000", days):gsub("'", "")
    home:write("run.sh", ("setsid sh -c 'echo $$ >%s; exec %s >%s 2>&1'; echo $? >%s"):format(home:file "pid", command,
      home:file "out", home:file "status"))
    script.shell(("sh -c 'sh %s </dev/null >/dev/null 2>&1 &'"):format(home:file "run.sh"), { variables = home:variables(box) })
    local deadline = core.now() + 20
    local function await(condition)
      while not condition() do
        if core.now() >= deadline then
          script.shell("kill -KILL -- -" .. (home:read "pid"):match "%d+")
          error("nothing happened: " .. tostring(home:read "out"))
        end
        core.sleep(0.01)
      end
    end
    await(function() return (home:read "pid" or ""):find "\n" end)
    local group = home:read("pid"):match "%d+"
    await(function() return is_ready(group) end)
    script.shell("kill -INT -- -" .. group)
    await(function() return (home:read "status" or ""):find "\n" end)
    return home:read "status", home:read "out"
  end

  it("ends on Ctrl-C while it waits with 0, and has noted what it told", function()
    -- Fields of /proc/PID/stat: id, name, state, parent, group.
    local status, output = interrupt(function(group)
      return script.shell(("cat /proc/[0-9]*/stat 2>/dev/null | grep '(sleep) . [0-9]* %s '"):format(group)) ~= ""
    end)
    assert.equal("0\n", status)
    assert.equal(first.id .. " ends " .. ends_at(first) .. "\n", output)
    assert.equal("", (watch("rounds=1", days)))
  end)

  it("ends on Ctrl-C in the middle of a call as well", function()
    local before = #box:requests()
    box:fault { kind = "delay", seconds = 60, endpoint = "get_reseller" }
    local status, output = interrupt(function() return #box:requests() > before end)
    assert.equal("0\n", status)
    assert.equal("", output)
  end)

  it("wants a file and options that it knows", function()
    for _, words in ipairs { {}, { "state", "day=3" }, { "state", "days=soon" }, { "state", "3" }, { "state", "every=-1" } } do
      local output, status = home:run("watch", box, (table.unpack or unpack)(words)) -- luacheck: ignore 113 143
      assert.equal(2, status, output)
      assert.truthy(output:find "^usage: watch%.lua STATE_FILE")
    end
  end)
end)
