local script = require "spec.support.script"

if not script.is_main_run then return end

-- Stands in for the command: tells where modules are looked for, and what came as arguments.
local PROBE = [[
return { run = function(words)
  print(package.searchpath("reseller.core", package.cpath))
  print(package.searchpath("reseller", package.path))
  print(package.path .. ";" .. package.cpath)
  print(table.concat(words, "|"))
end }
]]

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

describe("bin/reseller", function()
  local room, prefix
  local here = script.shell("pwd -P"):match "[^\n]+"

  setup(function()
    room = script.folder()
    prefix = room .. "/a folder/P"
    local output, status = script.shell(("cmake --install build --prefix '%s'"):format(prefix))
    assert.equal(0, status, output)
    write(prefix .. "/share/lua/5.4/reseller/cli/main.lua", PROBE)
  end)
  teardown(function() script.remove(room) end)

  ---@return string core, string module, string places, string arguments
  local function probe(command, how)
    how = how or {}
    local variables = { LUA_PATH = "", LUA_CPATH = "" }
    for name, value in pairs(how.variables or {}) do variables[name] = value end
    local output, status = script.shell(command, { folder = how.folder or "/", variables = variables })
    assert.equal(0, status, output)
    return output:match "^(.-)\n(.-)\n(.-)\n(.-)\n$"
  end

  local function assert_below(top, core, module)
    assert.equal(top .. "/lib/lua/5.4/reseller/core.so", core)
    assert.equal(top .. "/share/lua/5.4/reseller/init.lua", module)
  end

  it("finds the modules that stand beside it from any folder", function()
    assert_below(prefix, probe(("'%s/bin/reseller'"):format(prefix)))
    assert_below(prefix, probe("./reseller", { folder = prefix .. "/bin" }))
    assert_below(prefix, probe("sh reseller", { folder = prefix .. "/bin" }))
    assert_below(prefix, probe("bin/reseller", { folder = prefix }))
    assert_below(prefix, probe(("env -u LUA_PATH -u LUA_CPATH '%s/bin/reseller'"):format(prefix)))
  end)

  it("finds them by PATH", function()
    assert_below(prefix, probe("reseller", { variables = { PATH = prefix .. "/bin:" .. os.getenv "PATH" } }))
  end)

  it("finds them through links, also to its folder", function()
    script.shell(("ln -s '%s/bin/reseller' one && ln -s one two && ln -s '%s/bin' folder"):format(prefix, prefix), { folder = room })
    assert_below(prefix, probe(room .. "/one"))
    assert_below(prefix, probe("./two", { folder = room }))
    assert_below(prefix, probe("folder/reseller", { folder = room }))
  end)

  it("finds them after the whole tree was moved", function()
    local moved = room .. "/moved"
    script.shell(("cp -r '%s' '%s'"):format(prefix, moved))
    local core, module = probe(moved .. "/bin/reseller")
    assert_below(moved, core, module)
  end)

  it("is not misled by CDPATH", function()
    script.shell("mkdir -p trap/bin/..", { folder = room })
    assert_below(prefix, probe("bin/reseller", { folder = prefix, variables = { CDPATH = room .. "/trap" } }))
  end)

  it("hands arguments on as they are", function()
    local _, _, _, arguments = probe(("'%s/bin/reseller' show 'a  b' '' '*' '$HOME'"):format(prefix))
    assert.equal("show|a  b||*|$HOME", arguments)
  end)

  it("hands the exit code on", function()
    local probed = prefix .. "/share/lua/5.4/reseller/cli/main.lua"
    write(probed, "return { run = function() return 4 end }")
    local _, status = script.shell(("'%s/bin/reseller'"):format(prefix))
    write(probed, PROBE)
    assert.equal(4, status)
  end)

  describe("looks for other modules", function()
    it("where LUA_PATH says, behind its own", function()
      local core, module, places = probe(("'%s/bin/reseller'"):format(prefix),
        { variables = { LUA_PATH = here .. "/lua/?/init.lua;/mine/?.lua;;", LUA_CPATH = "/mine/lua/5.4/?.so" } })
      assert_below(prefix, core, module)
      assert.truthy(places:find("/mine/?.lua", 1, true))
      assert.truthy(places:find("/mine/lua/5.4/?.so", 1, true))
    end)

    it("where LUA_PATH_5_4 says, which counts more", function()
      local _, _, places = probe(("'%s/bin/reseller'"):format(prefix),
        { variables = { LUA_PATH = "/general/?.lua", LUA_PATH_5_4 = "/special/?.lua" } })
      assert.truthy(places:find("/special/?.lua", 1, true))
      assert.falsy(places:find("/general/?.lua", 1, true))
    end)

    it("not where LUA_PATH names another version of Lua", function()
      local foreign = { LUA_PATH = "/x/share/lua/5.1/?.lua;/x/share/lua/5.3/?.lua", LUA_CPATH = "/x/lib/lua/5.1/?.so" }
      local core, module, places = probe(("'%s/bin/reseller'"):format(prefix), { variables = foreign })
      assert_below(prefix, core, module)
      assert.falsy(places:find("/x/", 1, true))
    end)

    it("where Lua itself does, whatever LUA_PATH leaves out", function()
      local _, _, places = probe(("'%s/bin/reseller'"):format(prefix), { variables = { LUA_PATH = "/mine/?.lua" } })
      assert.truthy(places:find(";/usr/local/share/lua/5.4/?.lua", 1, true))
    end)

    it("not in the folder it is called from", function()
      local _, _, places = probe(("'%s/bin/reseller'"):format(prefix))
      for place in places:gmatch "[^;]+" do assert.equal("/", place:sub(1, 1)) end
    end)
  end)

  it("runs nothing that LUA_INIT says", function()
    local _, _, places = probe(("'%s/bin/reseller'"):format(prefix), { variables = { LUA_INIT = "os.exit(9)" } })
    assert.truthy(places)
  end)

  it("says what is missing where there is no Lua 5.4", function()
    script.shell("mkdir empty && ln -s $(command -v sh) empty/sh", { folder = room })
    local output, status = script.shell(("PATH=empty sh '%s/bin/reseller'"):format(prefix), { folder = room })
    assert.equal(1, status)
    assert.equal("reseller: this command runs on Lua 5.4, and there is no lua5.4 here\n"
      .. "  install it, on Debian by: apt-get install lua5.4\n", output)
  end)

  it("in the build folder uses the modules of the checkout", function()
    local output = script.shell("sh -x build/bin/reseller version")
    assert.truthy(output:find(here .. "/lua/reseller/cli/start.lua", 1, true), output)
    assert.truthy(output:find(here .. "/build/lib", 1, true), output)
  end)
end)
