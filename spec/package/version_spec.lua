local script = require "spec.support.script"
local version = require "reseller.version"

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

-- What a rockspec sets, read as LuaRocks reads it: without anything in reach.
local function rockspec(path)
  local fields = {}
  local chunk
  if setfenv then -- luacheck: ignore 113
    chunk = setfenv(assert(loadfile(path)), fields) -- luacheck: ignore 113
  else
    chunk = assert(load(read(path), path, "t", fields))
  end
  chunk()
  return fields
end

local function released() return ("reseller-%s-1.rockspec"):format(version) end

describe("the version", function()
  it("has three numbers", function() assert.truthy(version:match "^%d+%.%d+%.%d+$") end)

  it("is that of the build", function()
    assert.equal(version, read(script.build .. "/CMakeCache.txt"):match "\nCMAKE_PROJECT_VERSION:STATIC=([^\n]+)")
  end)

  it("is that of the only released rockspec, of its archive and of the archive's folder", function()
    local names = script.shell "ls *.rockspec"
    assert.equal(released() .. "\nreseller-scm-1.rockspec\n", names)
    local fields = rockspec(released())
    assert.equal(version .. "-1", fields.version)
    assert.same({ url = ("reseller-%s.tar.gz"):format(version), dir = "reseller-" .. version }, fields.source)
  end)

  it("is the newest that CHANGELOG.md tells of", function()
    assert.equal(version, read("CHANGELOG.md"):match "\n## %[(%d[%d.]*)%]")
  end)

  it("stands in the manual page", function()
    if not script.is_main_run then return end
    assert.equal(version, read("build/share/man/man1/reseller.1"):match '\n?%.TH [^\n]*"reseller ([%d.]+)"')
  end)
end)

describe("the rockspecs", function()
  it("differ in version and source only", function()
    local a, b = rockspec(released()), rockspec "reseller-scm-1.rockspec"
    a.version, a.source, b.version, b.source = nil, nil, nil, nil
    assert.same(a, b)
  end)

  it("ask for the module's and the command's libraries", function()
    local names = {}
    for _, dependency in ipairs(rockspec(released()).dependencies) do names[dependency:match "^%S+"] = true end
    assert.same({ lua = true, ["lua-cjson"] = true, argparse = true }, names)
  end)
end)

describe("CHANGELOG.md", function()
  it("has a place for what comes next, above all versions", function()
    assert.equal("[Unreleased]", read("CHANGELOG.md"):match "\n## ([^\n]+)")
  end)

  it("uses the kinds of change of its form only", function()
    local kinds = { Added = true, Changed = true, Deprecated = true, Removed = true, Fixed = true, Security = true }
    for kind in read("CHANGELOG.md"):gmatch "\n### ([^\n]+)" do assert.truthy(kinds[kind], kind) end
  end)
end)
