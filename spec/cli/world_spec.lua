local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local world = require "reseller.cli.world"

local command = require "spec.cli.command"

describe("the world of a process", function()
  local home
  before_each(function() home = script.folder() end)
  after_each(function() script.remove(home) end)

  --- What a line of Lua prints that has the world of its process as `w`.
  local function told(line, variables, wrap)
    local file = command.file(home .. "/try.lua", 'local w = require("reseller.cli.world").real()\n' .. line)
    local all = script.paths()
    for name, value in pairs(variables or {}) do all[name] = value end
    local program = ("%s %s"):format(script.lua, file)
    local output = script.shell(wrap and wrap:format(program) or program, { variables = all })
    return (output:gsub("\r", ""):gsub("\n$", ""))
  end

  it("knows what is no terminal, and takes 80 columns there", function()
    assert.equal("false false 80", told("print(w.out_is_terminal, w.colour, w.columns)"):gsub("\t", " "))
  end)

  it("knows a terminal, and its width", function()
    local line = "print(w.out_is_terminal, w.err_is_terminal, w.colour, w.columns)"
    local wrap = "script -qec 'stty cols 93; %s' /dev/null"
    assert.equal("true true true 93", (told(line, { TERM = "xterm" }, wrap):gsub("\t", " ")))
    assert.equal("true true false 93", (told(line, { TERM = "dumb" }, wrap):gsub("\t", " ")))
    assert.equal("true true false 93", (told(line, { TERM = "xterm", NO_COLOR = "1" }, wrap):gsub("\t", " ")))
  end)

  for given, taken in pairs { ["120"] = "120", ["5"] = "20", ["0"] = "80", wide = "80", ["99.7"] = "99" } do
    it(("takes COLUMNS=%s for %s"):format(given, taken), function()
      assert.equal(taken, told("print(w.columns)", { COLUMNS = given }))
    end)
  end

  it("tells time in UTC", function()
    assert.equal("2026-03-10 06:30", told([[print(w.date("%Y-%m-%d %H:%M", 1773124248.9))]], { TZ = "Asia/Tokyo" }))
  end)

  it("takes an empty variable for none", function() assert.equal("nil", told([[print(w.getenv "EMPTY")]], { EMPTY = "" })) end)

  it("asks on standard error, and reads a line", function()
    local file = command.file(home .. "/ask.lua", [[local w = require("reseller.cli.world").real() print(w.ask "Really? ", w.ask "Sure? ")]])
    local code, out, err = command.shell(("%s %s"):format(script.lua, file), { home = home, input = "yes\n" })
    assert.same({ 0, "yes\tnil\n", "Really? Sure? " }, { code, out, err })
  end)

  it("notes modules that are missing, and does without", function()
    local paths = { LUA_PATH = "./lua/?.lua;./lua/?/init.lua", LUA_CPATH = ("./%s/lib/lua/5.4/?.so"):format(script.build) }
    assert.equal("term (Debian package lua-term)|lfs (Debian package lua-filesystem)|false",
      told([[print(table.concat(w.missing, "|") .. "|" .. tostring(w.out_is_terminal))]], paths))
  end)

  it("is complete", function()
    local real = world.real()
    for _, name in ipairs { "out", "err", "input", "getenv", "time", "now", "sleep", "date", "ask", "home", "columns" } do
      assert.is_not_nil(real[name], name)
    end
  end)
end)

describe("a command without its modules", function()
  it("says which is missing, and how to get it", function()
    local home = script.folder()
    local cjson = assert(package.searchpath("cjson", package.cpath)):gsub("cjson%.so$", "cjson.so")
    local variables = { LUA_PATH = "./lua/?.lua;./lua/?/init.lua", LUA_CPATH = ("./%s/lib/lua/5.4/?.so;%s"):format(script.build, cjson) }
    local code, out, err = command.shell("reseller version", { home = home, variables = variables })
    script.remove(home)
    assert.same({ 1, "" }, { code, out })
    assert.truthy(err:find("the Lua module argparse is missing\n  install lua-argparse (Debian), or: luarocks install argparse\n", 1, true))
  end)
end)
