local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

if not script.is_main_run then return end

local SCRIPT = [[
local reseller = require "reseller"
local gs = reseller.ghostealth()
print(reseller.version, assert(gs:get_reseller()).statistic.totalSubscriptions)
]]

-- The files below a folder, as text to compare.
local function files(folder)
  return (script.shell("find . -type f | sort", { folder = folder }))
end

describe("an installation", function()
  local room
  before_each(function() room = script.folder() end)
  after_each(function() script.remove(room) end)

  -- Runs from a folder where nothing of this project is, with the modules below the prefix.
  local function works_from(prefix)
    local file = assert(io.open(room .. "/script.lua", "w"))
    file:write(SCRIPT)
    file:close()
    local variables = script.paths(prefix)
    variables.RESELLER_SANDBOX = sandbox.shared().url
    local output, status = script.shell("lua5.4 script.lua", { folder = room, variables = variables })
    assert.equal(0, status, output)
    assert.equal(require "reseller.version" .. "\t45\n", output)
  end

  it("by cmake has all files below the prefix, and works from there", function()
    local output, status = script.shell(("cmake --install build --prefix %s/P"):format(room))
    assert.equal(0, status, output)
    assert.equal(files "lua/reseller", files(room .. "/P/share/lua/5.4/reseller"))
    assert.equal("./core.so\n", files(room .. "/P/lib/lua/5.4/reseller"))
    works_from(room .. "/P")
  end)

  it("by cmake for LuaJIT has the same files and a core of its own", function()
    script.shell(("cmake --install build --prefix %s/P"):format(room))
    assert.equal(files "lua/reseller", files(room .. "/P/share/lua/5.1/reseller"))
    assert.equal("./core.so\n", files(room .. "/P/lib/lua/5.1/reseller"))
  end)

  it("by cmake goes below DESTDIR", function()
    local output, status = script.shell("cmake --install build --prefix /usr", { variables = { DESTDIR = room .. "/D" } })
    assert.equal(0, status, output)
    works_from(room .. "/D/usr")
  end)

  it("by luarocks has all files in its tree, and works from there", function()
    local copy, tree = script.copy(), room .. "/T"
    local make = ("luarocks --lua-version=5.4 make --deps-mode=none --tree %s"):format(tree)
    local output, status = script.shell(make, { folder = copy })
    assert.equal(0, status, output)
    assert.equal(files(copy .. "/lua/reseller"), files(tree .. "/share/lua/5.4/reseller"))
    script.remove(copy)
    works_from(tree)
  end)
end)

describe("the build", function()
  it("takes its version from lua/reseller/version.lua", function()
    local cache = assert(io.open "build/CMakeCache.txt"):read "*a"
    assert.equal(require "reseller.version", cache:match "\nCMAKE_PROJECT_VERSION:STATIC=([^\n]+)")
  end)
end)
