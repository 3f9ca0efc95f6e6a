local script = require "spec.support.script"

local USED = { reseller = true, ["luasql.sqlite3"] = true }

local names = {}
for name in script.shell("ls examples"):gmatch "([%w_]+)%.lua\n" do names[#names + 1] = name end

describe("the examples", function()
  it("are there", function() assert.is_true(#names >= 12) end)

  for _, name in ipairs(names) do
    describe(name, function()
      local file = assert(io.open(("examples/%s.lua"):format(name)))
      local text = file:read "*a"
      file:close()
      local head = text:match "^(.-)\n[^-]"

      it("begins with what it does and how to run it", function()
        assert.truthy(head:find "^%-%- %u")
        assert.truthy(head:find(("lua5.4 %%-?i? ?examples/%s.lua"):format(name)))
      end)

      it("tells its exit codes, unless it is for a prompt", function()
        if not head:find("-i examples/", 1, true) then assert.truthy(head:find "Exit codes: 0 ") end
      end)

      it("uses the public module only, and names no private field", function()
        for module in text:gmatch 'require%(? ?"([^"]+)"' do assert.truthy(USED[module], module) end
        assert.falsy(text:find "[.:]%l+_[^%w_]")
      end)
    end)
  end
end)
