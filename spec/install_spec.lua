local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"
local version = require "reseller.version"

if not script.is_main_run then return end

local SCRIPT = [[
local reseller = require "reseller"
local gs = reseller.ghostealth()
print(reseller.version, assert(gs:get_reseller()).statistic.totalSubscriptions)
]]

local SHARED = { "man/man1/reseller.1", "bash-completion/completions/reseller", "zsh/site-functions/_reseller",
  "fish/vendor_completions.d/reseller.fish", "doc/reseller/README.md", "doc/reseller/CHANGELOG.md", "doc/reseller/LICENSE",
  "doc/reseller/examples/tour.lua" }

local function run(command, how)
  local output, status = script.shell(command, how)
  assert.equal(0, status, command .. ": " .. output)
  return output
end

-- The modules below a folder, as text to compare.
local function modules(folder) return run("find . -name '*.lua' -o -name '*.so' | sort", { folder = folder }) end

describe("an installation", function()
  local room
  before_each(function() room = script.folder() end)
  after_each(function() script.remove(room) end)

  -- Runs from a folder where nothing of this project is, with the modules below the prefix.
  local function works_from(prefix, lua, abi)
    local file = assert(io.open(room .. "/script.lua", "w"))
    file:write(SCRIPT)
    file:close()
    local variables = script.paths(prefix)
    for name, value in pairs(variables) do variables[name] = value:gsub("/5%.4/", "/" .. (abi or "5.4") .. "/") end
    variables.RESELLER_SANDBOX = sandbox.shared().url
    assert.equal(version .. "\t45\n", run((lua or "lua5.4") .. " script.lua", { folder = room, variables = variables }))
  end

  -- The command, which finds its modules without being told.
  local function command_works_from(prefix)
    local variables = { RESELLER_SANDBOX = sandbox.shared().url, HOME = room, LUA_PATH = "", LUA_CPATH = "" }
    local how = { folder = room, variables = variables }
    assert.truthy(run(prefix .. "/bin/reseller version", how):find(version, 1, true))
    assert.truthy(run(prefix .. "/bin/reseller account --json", how):find('"totalSubscriptions":45', 1, true))
  end

  it("by cmake has all modules below the prefix, and works from there", function()
    run(("cmake --install build --prefix %s/P"):format(room))
    assert.equal(modules "lua/reseller", modules(room .. "/P/share/lua/5.4/reseller"))
    assert.equal("./core.so\n", modules(room .. "/P/lib/lua/5.4/reseller"))
    works_from(room .. "/P")
    command_works_from(room .. "/P")
  end)

  it("by cmake for LuaJIT has the same modules and a core of its own, and works from there", function()
    run(("cmake --install build --prefix %s/P"):format(room))
    assert.equal(modules "lua/reseller", modules(room .. "/P/share/lua/5.1/reseller"))
    assert.equal("./core.so\n", modules(room .. "/P/lib/lua/5.1/reseller"))
    works_from(room .. "/P", "luajit", "5.1")
  end)

  it("by cmake has manual page, completions, examples and documents", function()
    run(("cmake --install build --prefix %s/P"):format(room))
    for _, path in ipairs(SHARED) do
      local file = io.open(("%s/P/share/%s"):format(room, path))
      assert.truthy(file, path)
      assert.truthy(file:read(1), path .. " is empty")
      file:close()
    end
  end)

  it("by cmake holds nothing that is meant for a Debian package only", function()
    run(("cmake --install build --prefix %s/P"):format(room))
    assert.equal("", run(("find %s/P -name '*.gz' -o -name copyright -o -path '*/lib/*linux*'"):format(room)))
  end)

  it("by cmake goes below DESTDIR", function()
    run("cmake --install build --prefix /usr", { variables = { DESTDIR = room .. "/D" } })
    works_from(room .. "/D/usr")
    command_works_from(room .. "/D/usr")
  end)

  it("by luarocks has all modules in its tree, and works from there", function()
    local copy, tree = script.copy(), room .. "/T"
    run(("luarocks --lua-version=5.4 make --deps-mode=none --tree %s"):format(tree), { folder = copy })
    assert.equal(modules(copy .. "/lua/reseller"), modules(tree .. "/share/lua/5.4/reseller"))
    script.remove(copy)
    works_from(tree)
    command_works_from(tree)
  end)

  it("by luarocks for LuaJIT works from its tree, without the command, which wants Lua 5.4", function()
    local copy, tree = script.copy(), room .. "/T"
    local make = "luarocks --lua-version=5.1 make --deps-mode=none --tree %s LUA_INCDIR=$(pkg-config --variable=includedir luajit)"
    run(make:format(tree), { folder = copy })
    script.remove(copy)
    works_from(tree, "luajit", "5.1")
    assert.falsy(io.open(tree .. "/bin/reseller"))
  end)

  it("by the released rockspec is made from the archive that it names", function()
    local copy, tree, name = script.copy(), room .. "/T", "reseller-" .. version
    run(("mv %s %s/%s"):format(copy, room, name))
    run(("tar czf %s.tar.gz %s && rm -r %s && tar xzf %s.tar.gz"):format(name, name, name, name), { folder = room })
    local make = "luarocks --lua-version=5.4 make %s-1.rockspec --deps-mode=none --tree %s"
    local said = run(make:format(name, tree), { folder = room .. "/" .. name })
    assert.truthy(said:find(("reseller %s-1 is now installed"):format(version), 1, true), said)
    works_from(tree)
    command_works_from(tree)
  end)
end)
