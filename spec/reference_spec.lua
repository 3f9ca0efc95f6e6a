local core = require "reseller.core"
local generator = require "spec.support.generator"
local pages = require "reseller.pages"
local script = require "spec.support.script"
local snippets = require "spec.support.snippets"

local PAGE = "lua/reseller/reference/%s.md"
local read = snippets.read

--- What a page's links within itself can lead to.
local function anchors(page)
  local known = {}
  for title in page:gmatch "\n#+ ([^\n]+)" do known[title:lower():gsub("[^%w_ -]", ""):gsub(" ", "-")] = true end
  return known
end

for name, platform in pairs(core.platforms()) do
  local path = PAGE:format(name)
  local page = read(path)

  describe(path, function()
    for _, block in ipairs(snippets.blocks(page)) do
      it("has an example that runs and prints what it says: " .. block.title, function()
        assert.equal("lua", block.language)
        local output, status = snippets.run(block.code)
        assert.equal(0, status, output)
        assert.equal(snippets.promised(block.code), snippets.plain(output))
      end)
    end

    it("tells of every call of " .. platform.title .. ", with an example that makes it", function()
      for _, row in ipairs(core.endpoints()) do
        for _, id in ipairs(row.platform == name and { row.id, row.paging and pages.name(row.id) } or {}) do
          local section = page:match("\n### " .. id .. "\n(.-)\n##")
          assert.truthy(section, id)
          assert.truthy(section:match("\n```lua\n.-:" .. id .. "[ (].-\n```"), id)
          assert.truthy(id ~= row.id or section:find(row.source, 1, true), id)
        end
      end
    end)

    it("links to what is there", function()
      local known = anchors(page)
      for target in page:gmatch "%]%(([^)]+)%)" do
        local file, anchor = target:match "^([^#]*)#?(.*)$"
        if file == "" then
          assert.is_true(known[anchor], target)
        elseif not file:find "^https://" then
          local other = read("lua/reseller/reference/" .. file)
          assert.is_true(anchor == "" or anchors(other)[anchor], target)
        end
      end
    end)
  end)
end

describe("spec/reference.lua", function()
  local copy
  before_each(function() copy = script.copy() end)
  after_each(function() script.remove(copy) end)

  local function generate(arguments) return generator.run(copy, "spec/reference.lua " .. (arguments or "")) end

  --- Changes a file of the copy.
  local function change(path, from, to)
    local changed, count = read(copy .. "/" .. path):gsub(from, to)
    assert.equal(1, count)
    snippets.write(copy .. "/" .. path, changed)
  end

  it("finds nothing to change here", function()
    local output, status = script.run "spec/reference.lua --check"
    assert.equal(0, status, output)
  end)

  for _, path in ipairs { "lua/reseller/meta.lua", PAGE:format "ghostealth", PAGE:format "activeplatform" } do
    it("finds that " .. path .. " was changed, and mends it", function()
      local old = read(path)
      local changed = old:gsub("\n", "\n\n", 1)
      snippets.write(copy .. "/" .. path, changed)
      local output, status = generate "--check"
      assert.equal(1, status)
      assert.truthy(output:find(path .. " is behind its sources: run spec/reference.lua", 1, true))
      assert.equal(changed, read(copy .. "/" .. path))
      assert.equal(0, select(2, generate()))
      assert.equal(old, read(copy .. "/" .. path))
    end)
  end

  it("takes annotations from the sources", function()
    change("lua/reseller/config.lua", "seconds for a whole call, 30", "seconds for all of a call, 30")
    assert.equal(1, select(2, generate "--check"))
    assert.equal(0, select(2, generate()))
    assert.truthy(read(copy .. "/lua/reseller/meta.lua"):find("timeout? number seconds for all of a call, 30", 1, true))
  end)

  it("refuses a call that the model does not tell of", function()
    change("spec/reference/activeplatform.lua", "\n  get_subscription = {", "\n  get_subscriptions = {")
    local output, status = generate "--check"
    assert.equal(1, status)
    assert.truthy(output:find("get_subscriptions: no such endpoint", 1, true))
    change("spec/reference/activeplatform.lua", "\n  get_subscriptions = {", "\n  list_child_subscriptions = {")
    output, status = generate "--check"
    assert.equal(1, status)
    assert.truthy(output:find("nothing is told of get_subscription", 1, true))
  end)

  it("refuses a result that is no class", function()
    change("spec/reference/ghostealth.lua", 'get_reseller = { result = "Reseller"', 'get_reseller = { result = "Resellers"')
    local output, status = generate "--check"
    assert.equal(1, status)
    assert.truthy(output:find("no class Resellers", 1, true))
  end)
end)
