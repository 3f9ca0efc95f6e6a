local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local command = require "spec.cli.command"
local settings = require "reseller.cli.settings"

describe("the settings", function()
  local home
  before_each(function()
    home = script.folder()
    os.execute(("mkdir -p %s/.config/reseller"):format(home))
  end)
  after_each(function() script.remove(home) end)

  local function write(text, rights) return command.file(home .. "/.config/reseller/config.lua", text, rights) end

  local function read(env, flags, how)
    return settings.read(command.world { env = env, home = home }, flags or {}, how)
  end

  --- The fault that reading, or a function with what was read, ends in.
  local function fault(fn, env, flags)
    local ok, raised = pcall(function() return (fn or function() end)(read(env, flags)) end)
    assert.is_false(ok)
    assert.is_table(raised, tostring(raised))
    assert.equal(2, raised.exit)
    return raised.fault, raised.hint
  end

  local function get(found, name, platform) return { found:get(name, platform) } end

  it("have defaults without a file", function()
    local found = read()
    assert.is_false(found.has_file)
    assert.same({ 30, "default" }, get(found, "timeout"))
    assert.same({}, get(found, "proxy"))
    assert.equal(home .. "/.local/state/reseller", found.state)
  end)

  it("are stronger from the environment than from the file, and strongest from flags", function()
    write [[return { timeout = 11, retries = 1, patience = 5 }]]
    local found = read({ RESELLER_TIMEOUT = "22", RESELLER_RETRIES = "2" }, { timeout = "33" })
    assert.same({ 33, "--timeout" }, get(found, "timeout"))
    assert.same({ 2, "RESELLER_RETRIES" }, get(found, "retries"))
    assert.same({ 5, "config.lua" }, get(found, "patience"))
  end)

  it("are stronger in a profile than outside, and in a platform's table than beside it", function()
    write [[return { timeout = 1, ghostealth = { timeout = 2 }, default = "work", profiles = {
      work = { timeout = 3, activeplatform = { timeout = 4 } }, home = {} } }]]
    local found = read()
    assert.same({ 3, "config.lua, profile work" }, get(found, "timeout", "ghostealth"))
    assert.same({ 4, "config.lua, profile work, activeplatform" }, get(found, "timeout", "activeplatform"))
    assert.same({ 2, "config.lua, ghostealth" }, get(read({}, { profile = "home" }), "timeout", "ghostealth"))
    assert.same({ 1, "config.lua" }, get(read { RESELLER_PROFILE = "home" }, "timeout", "activeplatform"))
  end)

  it("refuse a profile that is not there, and suggest the nearest", function()
    write [[return { profiles = { work = {}, home = {} } }]]
    local words, hint = fault(nil, {}, { profile = "wrok" })
    assert.truthy(words:find("profile wrok: it is not in", 1, true))
    assert.equal("did you mean work?", hint)
  end)

  local wrong = {
    { "return { timout = 3 }", "unknown setting `timout`; did you mean `timeout`?" },
    { "return { profiles = { work = { ghostealth = { api_kye_file = 'x' } } } }", "profile work: ghostealth: unknown setting `api_kye_file`" },
    { "return { reseller_id = 1 }", "unknown setting `reseller_id`" },
    { "return { timeout = 'long' }", 'timeout: expected seconds, more than 0, got "long"' },
    { "return { ghostealth = 3 }", "ghostealth: expected a table, got 3" },
    { "return { ghostealth = { limit = { requests = 0 } } }", "limit: expected false, or a table like" },
    { "return { ghostealth = { api_key = 'two words' } }", "api_key: expected text without spaces, got something else" },
    { "return { cap = { per_year = 1 } }", "cap: expected a table like" },
    { "return { timeout = }", "line 1: unexpected symbol near '}'" },
    { "timeout = 3", "expected `return { … }`, got nothing" },
    { "return 3", "expected `return { … }`, got a number" },
    { "return { proxy = os.getenv 'PROXY' }", "it may hold a table only, and runs functions" },
    { "return { profiles = 3 }", "profiles: expected a table" },
    { "return { profiles = { x = 3 } }", "profile x: expected a table" },
    { "\27Lua", "attempt to load a binary chunk" },
  }
  for _, case in ipairs(wrong) do
    it("refuse a file with " .. case[1]:gsub("%c", "?"), function()
      write(case[1])
      local words, hint = fault()
      assert.truthy(words:find(case[2], 1, true), words)
      assert.is_nil(words:find("two words", 1, true))
      assert.truthy(hint:find("reseller config", 1, true))
    end)
  end

  it("refuse a file that others may write", function()
    for _, rights in ipairs { "620", "602", "666" } do
      write("return {}", rights)
      local words, hint = fault()
      assert.truthy(words:find("others may write it", 1, true))
      assert.truthy(hint:find("chmod 600", 1, true))
    end
    write("return {}", "644")
    assert.is_true(read().has_file)
  end)

  it("refuse a file that is named and not there, or no file", function()
    assert.truthy(fault(nil, {}, { config = home .. "/none.lua" }):find("No such file", 1, true))
    assert.truthy(fault(nil, { RESELLER_CONFIG = "~/.config" }):find("expected a regular file, got a directory", 1, true))
  end)

  it("refuse a key in a file that others may read", function()
    write("return { profiles = { work = { ghostealth = { api_key = 'GHO-1' } } } }", "640")
    local words = fault()
    assert.truthy(words:find("it holds ghostealth.api_key, and others may read it", 1, true))
    write("return { profiles = { work = { ghostealth = { api_key = 'GHO-1' } } } }", "600")
    assert.equal("GHO-1", read({}, { profile = "work" }):key "ghostealth")
  end)

  describe("for keys", function()
    local function key(env) return read(env):key "ghostealth" end

    local function key_fault(env) return fault(function(found) return found:key "ghostealth" end, env) end

    it("take the environment before the file, in whatever way it is told", function()
      write "return { ghostealth = { api_key_command = 'exit 1' } }"
      local path = command.file(home .. "/key", "GHO-file\n")
      assert.equal("GHO-env", key { GHOSTEALTH_API_KEY = "GHO-env", GHOSTEALTH_API_KEY_FILE = path })
      assert.equal("GHO-file", key { GHOSTEALTH_API_KEY_FILE = path })
    end)

    it("take what a profile says before what stands outside", function()
      local path = command.file(home .. "/key", "GHO-file")
      write(("return { default = 'p', ghostealth = { api_key = 'GHO-outside' }, profiles = { p = { ghostealth = { api_key_file = %q } } } }"):format(path))
      assert.equal("GHO-file", key())
    end)

    it("expand ~ in the name of a file", function()
      command.file(home .. "/key", "GHO-file")
      write "return { ghostealth = { api_key_file = '~/key' } }"
      assert.equal("GHO-file", key())
    end)

    for _, rights in ipairs { "640", "604", "660", "666", "644", "610", "601" } do
      it("refuse a file with rights " .. rights, function()
        local path = command.file(home .. "/key", "GHO-file", rights)
        local words, hint = key_fault { GHOSTEALTH_API_KEY_FILE = path }
        assert.truthy(words:find("others may", 1, true))
        assert.equal(("chmod 600 '%s'"):format(path), hint)
      end)
    end

    it("refuse what is no regular file", function()
      os.execute(("mkfifo -m 600 %s/pipe"):format(home))
      assert.truthy(key_fault { GHOSTEALTH_API_KEY_FILE = home .. "/pipe" }:find("expected a regular file, got a named pipe", 1, true))
      assert.truthy(key_fault { GHOSTEALTH_API_KEY_FILE = home }:find("expected a regular file, got a directory", 1, true))
    end)

    it("refuse a file of somebody else", function()
      local path = command.file(home .. "/key", "GHO-file")
      local world = command.world { env = { GHOSTEALTH_API_KEY_FILE = path }, home = home }
      world.lfs = { attributes = function(name, what)
        if what then return 1000 end
        local found = require("lfs").attributes(name)
        found.uid = 4711
        return found
      end }
      local _, raised = pcall(function() return settings.read(world, {}):key "ghostealth" end)
      assert.truthy(raised.fault:find("it belongs to another user", 1, true))
    end)

    it("say what is missing where rights cannot be told", function()
      local world = command.world { env = { GHOSTEALTH_API_KEY_FILE = command.file(home .. "/key", "x") }, home = home }
      world.lfs = nil
      local _, raised = pcall(function() return settings.read(world, {}):key "ghostealth" end)
      assert.truthy(raised.hint:find("lua-filesystem", 1, true))
    end)

    it("run a command, and take what it prints", function()
      write "return { ghostealth = { api_key_command = \"printf 'GHO-%s\\\\n' out\" } }"
      assert.equal("GHO-out", key())
    end)

    for output, got in pairs { ["true"] = "nothing", ["echo a b"] = "text with others in it", ["printf 'a\\\\nb'"] = "several lines" } do
      it("refuse a command that prints " .. got, function()
        write(("return { ghostealth = { api_key_command = \"%s\" } }"):format(output))
        assert.truthy(key_fault():find("expected one key without spaces, got " .. got, 1, true))
      end)
    end

    it("tell how a command failed, and not what it printed", function()
      write "return { ghostealth = { api_key_command = 'echo GHO-half; exit 3' } }"
      local ok, raised = pcall(key)
      assert.is_false(ok)
      assert.truthy(raised.fault:find("it ended with code 3", 1, true))
      assert.equal(1, raised.exit)
    end)

    it("tell how to give one where there is none", function()
      local words, hint = key_fault()
      assert.equal("no key for Ghostealth", words)
      for _, way in ipairs { "GHOSTEALTH_API_KEY", "api_key_file", "reseller sandbox" } do assert.truthy(hint:find(way, 1, true)) end
    end)

    it("are never flags", function()
      assert.equal("default", select(2, read({}, { api_key = "x" }):get "timeout"))
      assert.is_nil((read({}, { api_key = "x", api_key_file = "y" }):key_place "ghostealth"))
    end)
  end)

  describe("for a client", function()
    it("share the limit by a file in the state folder, which only its owner enters", function()
      local found = read { GHOSTEALTH_API_KEY = "x" }
      local options = found:client_options "ghostealth"
      assert.same({ requests = 10, seconds = 60, store = "file", path = home .. "/.local/state/reseller/limits" }, options.limit)
      assert.equal("rwx------", require("lfs").attributes(home .. "/.local/state/reseller").permissions)
    end)

    it("mend the rights of a state folder that others may enter", function()
      os.execute(("mkdir -p -m 755 %s/.local/state/reseller"):format(home))
      read():state_file "x"
      assert.equal("rwx------", require("lfs").attributes(home .. "/.local/state/reseller").permissions)
    end)

    it("take no limit where the file says so, and another store as it is", function()
      write "return { ghostealth = { limit = false, api_key = 'x' } }"
      assert.is_false(read():client_options("ghostealth").limit)
      write "return { ghostealth = { limit = { requests = 5, seconds = 1, store = 'memory' }, api_key = 'x' } }"
      assert.same({ requests = 5, seconds = 1, store = "memory" }, read():client_options("ghostealth").limit)
    end)

    it("want an address for ActivePlatform", function()
      local words, hint = fault(function(found) found:client_options "activeplatform" end, { ACTIVEPLATFORM_API_TOKEN = "x" })
      assert.equal("no address for ActivePlatform", words)
      assert.truthy(hint:find("ACTIVEPLATFORM_BASE_URL", 1, true))
    end)

    it("expand ~ in names of files", function()
      write "return { ca_file = '~/ca.pem', ghostealth = { api_key = 'x' } }"
      assert.equal(home .. "/ca.pem", read():client_options("ghostealth").ca_file)
    end)
  end)

  describe("in a sandbox", function()
    local env = { RESELLER_SANDBOX = "http://127.0.0.1:4711", RESELLER_LEDGER = "/real/ledger.db" }

    it("keep ledger and limits apart from the real ones", function()
      write "return { ledger = '/real/too.db' }"
      local found = read(env)
      assert.equal(home .. "/.local/state/reseller/sandbox-4711", found.state)
      assert.equal(found.state .. "/ledger.db", (found:ledger_place()))
      assert.equal(found.state .. "/limits", found:client_options("ghostealth").limit.path)
      assert.equal("/other.db", (read(env, { ledger = "/other.db" }):ledger_place()))
    end)

    it("ask for no key and run no command", function()
      write(("return { ghostealth = { api_key_command = 'touch %s/ran' } }"):format(home))
      assert.is_nil(read(env):client_options("ghostealth").api_key)
      assert.is_nil(io.open(home .. "/ran"))
    end)
  end)

  describe("for the ledger", function()
    it("may be a file, an address, or none", function()
      write "return { ledger = '~/mine.db' }"
      assert.same({ home .. "/mine.db", "config.lua" }, { read():ledger_place() })
      write "return { ledger = 'postgres://me@db/x' }"
      assert.equal("postgres://me@db/x", (read():ledger_place()))
      write "return { ledger = false }"
      assert.same({ n = 2, [2] = "config.lua" }, table.pack(read():ledger_place()))
    end)
  end)

  it("refuse a value of the environment that does not fit, without showing a key", function()
    local words = fault(function(found) return found:get "retries" end, { RESELLER_RETRIES = "many" })
    assert.equal('RESELLER_RETRIES: expected a whole number of at least 0, got "many"', words)
    words = fault(function(found) return found:key "ghostealth" end, { GHOSTEALTH_API_KEY = "two words" })
    assert.is_nil(words:find("two", 1, true))
  end)
end)
