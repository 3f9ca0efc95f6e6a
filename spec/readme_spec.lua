local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

local README = read "README.md"

-- What the README says its snippets start from.
local PRELUDE = [[
reseller = require "reseller"
gs, ap = reseller.ghostealth(), reseller.activeplatform()
]]

-- One space where there is any.
local function plain(text) return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")) end

--- What the comments of a snippet say that it prints, nil if they say nothing.
local function promised(block)
  local lines = {}
  for line in block:gmatch "%-%->([^\n]*)" do lines[#lines + 1] = line end
  return #lines > 0 and plain(table.concat(lines, " ")) or nil
end

describe("README.md", function()
  for block in README:gmatch "\n```lua\n(.-)```\n" do
    it("has a snippet that runs and prints what it says: " .. block:match "[^\n]+", function()
      local box, room = sandbox.shared(), script.folder()
      local file = assert(io.open(room .. "/snippet.lua", "w"))
      file:write(PRELUDE, block)
      file:close()
      local output, status = script.run(room .. "/snippet.lua", { RESELLER_SANDBOX = box.url, HOME = room })
      script.remove(room)
      assert.equal(0, status, output)
      if promised(block) then assert.equal(promised(block), plain(output)) end
    end)
  end

  it("has the tables that its sources make", function()
    local output, status = script.run "spec/readme.lua --check"
    assert.equal(0, status, output)
  end)

  it("explains every kind of error, and no other", function()
    local known, told = {}, {}
    for kind in read("lua/reseller/errors.lua"):gmatch '%-%-%-| "(%l[%l_]*)"' do known[kind] = true end
    for cell in README:match("\n| kind |.-\n\n"):gmatch "\n| (`[^|]+) |" do
      for kind in cell:gmatch "`(.-)`" do told[kind] = true end
    end
    assert.same(known, told)
  end)

  it("links to files that are there", function()
    for path in README:gmatch "%]%(([^)]+)%)" do
      if not path:find "^https://" then assert.is_truthy(io.open(path), path) end
    end
  end)
end)

describe("spec/readme.lua", function()
  local copy
  setup(function() copy = script.copy() end)
  teardown(function() script.remove(copy) end)

  local function generate(arguments)
    local here, variables = script.shell("pwd"):match "[^\n]+", {}
    for name, value in pairs(script.paths()) do variables[name] = value:gsub("%./", here .. "/") end
    return script.shell(("%s spec/readme.lua %s"):format(script.lua, arguments or ""), { folder = copy, variables = variables })
  end

  local function write(text)
    local file = assert(io.open(copy .. "/README.md", "w"))
    file:write(text)
    file:close()
  end

  it("finds a table that is behind its source, and mends it", function()
    local changed = README:gsub("Buys another period", "Sells another period")
    write(changed)
    local output, status = generate "--check"
    assert.equal(1, status)
    assert.truthy(output:find "behind its sources")
    assert.equal(changed, read(copy .. "/README.md"))
    assert.equal(0, select(2, generate()))
    assert.equal(README, read(copy .. "/README.md"))
  end)

  it("refuses a README without a place for a table", function()
    write((README:gsub("<!%-%- from lua/reseller/config.lua %-%->", "")))
    local output, status = generate "--check"
    assert.equal(1, status)
    assert.truthy(output:find("no place for the table from lua/reseller/config.lua", 1, true))
  end)
end)
