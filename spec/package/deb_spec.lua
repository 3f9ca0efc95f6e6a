local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"
local version = require "reseller.version"

if not script.is_main_run then return end

local SCRIPT = [[
local reseller = require "reseller"
print(reseller.version, assert(reseller.ghostealth():get_reseller()).statistic.totalSubscriptions)
]]

local function run(command, how)
  local output, status = script.shell(command, how)
  assert.equal(0, status, command .. ": " .. output)
  return output
end

describe("the Debian package", function()
  local room, package

  setup(function()
    room = script.folder()
    local narrow = "sh -c 'umask 077 && cpack --config build/CPackConfig.cmake -G DEB -B %s'" -- which must not show
    run(narrow:format(room))
    package = run(("ls %s/*.deb"):format(room)):match "^(%S+)\n$"
  end)
  teardown(function() script.remove(room) end)

  local function field(name) return run(("dpkg-deb -f %s %s"):format(package, name)):match "^(.-)\n$" end

  -- Each file and folder: path -> { mode =, owner = }
  local function contents()
    local found = {}
    for line in run("dpkg-deb -c " .. package):gmatch "[^\n]+" do
      local mode, owner, path = line:match "^(%S+) (%S+) .- %.(/%S+)$"
      found[assert(path, line)] = { mode = mode, owner = owner }
    end
    return found
  end

  it("carries this version in its name and its field", function()
    assert.equal(version, field "Version")
    assert.truthy(package:find(("/reseller_%s_%%w+%%.deb$"):format(version:gsub("%.", "%%."))))
  end)

  it("depends on what the module and the command cannot do without", function()
    local depends = ", " .. field "Depends" .. ","
    for _, name in ipairs { "lua5%.4", "lua%-cjson", "lua%-argparse", "ca%-certificates", "libcurl4", "libc6" } do
      assert.truthy(depends:find(", " .. name .. "[ ,]"), name)
    end
  end)

  it("recommends what ledger, sandbox and terminal use", function()
    local recommends = ", " .. field "Recommends" .. ","
    for _, name in ipairs { "lua%-sql%-sqlite3", "lua%-http", "lua%-filesystem", "lua%-term", "lua%-readline" } do
      assert.truthy(recommends:find(", " .. name .. ","), name)
    end
  end)

  it("has a summary of one line, and no address of a person", function()
    assert.truthy(field("Description"):match "^[^\n]+\n %S")
    assert.truthy(field("Maintainer"):match "@[%w.]+%.invalid>$")
  end)

  it("belongs to root, and only root may write it", function()
    for path, entry in pairs(contents()) do
      local expected = entry.mode:sub(1, 1) == "d" and "drwxr-xr-x" or path:find "^/usr/bin/" and "-rwxr-xr-x" or "-rw-r--r--"
      assert.equal(expected, entry.mode, path)
      assert.equal("root/root", entry.owner, path)
    end
  end)

  it("has the command, what is read about it, and what shells complete", function()
    local found = contents()
    for _, path in ipairs { "bin/reseller", "share/doc/reseller/README.md", "share/doc/reseller/CHANGELOG.md",
      "share/doc/reseller/changelog.gz", "share/doc/reseller/copyright", "share/doc/reseller/examples/tour.lua",
      "share/man/man1/reseller.1.gz", "share/bash-completion/completions/reseller",
      "share/zsh/site-functions/_reseller", "share/fish/vendor_completions.d/reseller.fish" } do
      assert.truthy(found["/usr/" .. path], path)
    end
    assert.falsy(found["/usr/share/man/man1/reseller.1"])
  end)

  it("has modules and core where Debian's Lua and LuaJIT look", function()
    local found, cores = contents(), {}
    for path in pairs(found) do cores[#cores + 1] = path:match "^/usr/lib/[^/]+/lua/(5%.%d)/reseller/core%.so$" end
    table.sort(cores)
    assert.same({ "5.1", "5.4" }, cores)
    for _, abi in ipairs(cores) do assert.truthy(found[("/usr/share/lua/%s/reseller/sandbox/init.lua"):format(abi)]) end
  end)

  it("has neither files to configure nor scripts that run when it is installed", function()
    local members = run(("dpkg-deb --ctrl-tarfile %s | tar t"):format(package))
    for member in members:gmatch "[^\n]+" do assert.truthy(("./ ./control ./md5sums"):find(member, 1, true), member) end
  end)

  describe("unpacked into an empty folder", function()
    local top
    setup(function()
      top = room .. "/unpacked"
      run(("dpkg-deb -x %s %s"):format(package, top))
    end)

    it("runs the command with its own files only", function()
      local output = run(("strace -f -qq -e trace=openat -o %s/opened %s/usr/bin/reseller version"):format(room, top),
        { folder = "/", variables = { LUA_PATH = "", LUA_CPATH = "" } })
      assert.truthy(output:find(version, 1, true), output)
      for line in io.lines(room .. "/opened") do
        local opened = line:match '"([^"]*reseller[^"]*%.%a+)".*= %d+$'
        assert.truthy(not opened or opened:sub(1, #top) == top, opened)
      end
    end)

    it("runs scripts", function()
      local file = assert(io.open(room .. "/script.lua", "w"))
      file:write(SCRIPT)
      file:close()
      local core = run(("dirname %s/usr/lib/*/lua/5.4/reseller"):format(top)):match "[^\n]+"
      local output = run("lua5.4 script.lua", { folder = room, variables = {
        LUA_PATH = ("%s/usr/share/lua/5.4/?.lua;%s/usr/share/lua/5.4/?/init.lua;;"):format(top, top),
        LUA_CPATH = core .. "/?.so;;", RESELLER_SANDBOX = sandbox.shared().url,
      } })
      assert.equal(version .. "\t45\n", output)
    end)
  end)
end)
