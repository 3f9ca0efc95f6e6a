local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local json = require "reseller.json"

local command = require "spec.cli.command"

describe("reseller config", function()
  local home
  before_each(function()
    home = script.folder()
    os.execute(("mkdir -p %s/.config/reseller"):format(home))
  end)
  after_each(function() script.remove(home) end)

  local function write(text, rights) return command.file(home .. "/.config/reseller/config.lua", text, rights) end

  --- The rows by platform and setting, and what else the command said.
  local function config(env, words)
    local all = { "config", "--json", table.unpack(words or {}) }
    local code, out, err = command.run(all, { env = env, home = home })
    local by_name = {}
    for _, row in ipairs(assert(json.decode(out))) do by_name[row.platform .. " " .. row.setting] = { row.value, row.source } end
    return by_name, code, err, out
  end

  it("tells what is in force and from where", function()
    write [[return { default = "work", timeout = 5, profiles = { work = { activeplatform = { base_url = "https://portal.example.com" },
      ghostealth = { api_key_file = "~/key", timeout = 9 }, cap = { per_day = 100, per_run = 2 } } } }]]
    local found, code, err = config({ ACTIVEPLATFORM_API_TOKEN = "live-token", RESELLER_RETRIES = "7" }, { "--patience", "60" })
    assert.same({ 0, "" }, { code, err })
    assert.same({ "work", "`default` in the file" }, found[" profile"])
    assert.same({ "https://portal.example.com", "config.lua, profile work, activeplatform" }, found["activeplatform base_url"])
    assert.same({ "***", "ACTIVEPLATFORM_API_TOKEN" }, found["activeplatform api_token"])
    assert.same({ "in the file ~/key", "config.lua, profile work, ghostealth" }, found["ghostealth api_key"])
    assert.same({ "5", "config.lua" }, found[" timeout"])
    assert.same({ "9", "config.lua, profile work, ghostealth" }, found["ghostealth timeout"])
    assert.same({ "7", "RESELLER_RETRIES" }, found[" retries"])
    assert.same({ "60", "--patience" }, found[" patience"])
    assert.same({ "per_day 100, per_run 2", "config.lua, profile work" }, found[" cap"])
    assert.same({ "10 in 60 s", "default" }, found["ghostealth limit"])
    assert.same({ home .. "/.local/state/reseller/ledger.db", "default" }, found[" ledger"])
  end)

  it("runs no command and opens no file for a key", function()
    write(("return { ghostealth = { api_key_command = 'touch %s/ran' }, activeplatform = { api_token_file = '/nonexistent' } }"):format(home))
    local found = config()
    assert.equal(("from `touch %s/ran`"):format(home), found["ghostealth api_key"][1])
    assert.is_nil(io.open(home .. "/ran"))
  end)

  it("shows no secret in any form, wherever it stands", function()
    write [[return { proxy = "http://me:hidden@proxy.example.com:3128", ledger = "postgres://me:hidden@db.example.com/x?password=hidden",
      ghostealth = { api_key = "hidden" }, activeplatform = { api_token = "hidden", base_url = "https://me:hidden@portal.example.com" } }]]
    for _, format in ipairs { "--json", "--jsonl", "--csv", "--table" } do
      for _, more in ipairs { "--quiet", "--show-secrets" } do
        local code, out, err = command.run({ "config", format, more }, { home = home })
        assert.equal(0, code)
        assert.is_nil((out .. err):find("hidden", 1, true))
        assert.truthy(out:find("proxy.example.com:3128", 1, true))
      end
    end
  end)

  it("tells the sandbox, and what is apart because of it", function()
    local found = config { RESELLER_SANDBOX = "http://127.0.0.1:4711", GHOSTEALTH_API_KEY = "live" }
    assert.same({ "http://127.0.0.1:4711", "RESELLER_SANDBOX" }, found[" sandbox"])
    assert.equal("the sandbox's own", found["ghostealth api_key"][1])
    assert.equal(home .. "/.local/state/reseller/sandbox-4711/ledger.db", found[" ledger"][1])
  end)

  it("tells what is wrong with the file, and shows the rest", function()
    write "return { timout = 3 }"
    local found, code, err = config { RESELLER_RETRIES = "7" }
    assert.equal(2, code)
    assert.truthy(err:find("unknown setting `timout`; did you mean `timeout`?", 1, true))
    assert.same({ "7", "RESELLER_RETRIES" }, found[" retries"])
    assert.same({ "30", "default" }, found[" timeout"])
  end)

  it("tells what is missing on this machine", function()
    local world = command.world { home = home }
    world.missing = { "lfs (Debian package lua-filesystem)" }
    require("reseller.cli.main").run({ "config" }, world)
    assert.equal("missing: the Lua module lfs (Debian package lua-filesystem)\n", world.err.text)
  end)
end)
