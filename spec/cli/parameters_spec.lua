local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local argparse = require "argparse"
local reseller = require "reseller"

local parameters = require "reseller.cli.parameters"
local parser = require "reseller.cli.parser"
local views = require "reseller.cli.views"

describe("parameters as options", function()
  for name, option in pairs { billingCycle = "--billing-cycle", ["page[size]"] = "--page-size", reseller_id = "--reseller-id", size = "--size",
    sortBy = "--sort-by" } do
    it(("are written %s for %s"):format(option, name), function() assert.equal(option, parameters.option(name)) end)
  end

  --- Reads words as a command made of a row does.
  local function read(row, words)
    local found = {}
    local made = parser.new({ { name = "try", summary = "x", configure = function(command, tools) parameters.configure(command, row, tools) end,
      run = function() end } }, 80)
    local _, flags = made:parse { "try", table.unpack(words) }
    found.arguments, found.params = parameters.read(row, flags)
    return found
  end

  --- A value for a parameter, as words and as the client wants it.
  local function sample(param)
    if param.type == "boolean" then return nil, true end
    if param.type == "list" then return table.concat(param.choices, ","), param.choices end
    if param.choices then return tostring(param.choices[1]), param.choices[1] end
    if param.type == "integer" then return tostring(param.max or 7), param.max or 7 end
    return "text with spaces", "text with spaces"
  end

  for _, row in ipairs(reseller.endpoints()) do
    it(("take all of %s of %s"):format(row.id, row.platform), function()
      local words, arguments, params = {}, {}, {}
      for _, param in ipairs(row.params) do
        local word, value = sample(param)
        if param.place == "path" and not param.option then
          words[#words + 1], arguments[#arguments + 1] = word, value
        else
          words[#words + 1], params[param.name] = parameters.option(param.name) .. (word and "=" .. word or ""), value
        end
      end
      assert.same({ arguments = arguments, params = params }, read(row, words))
    end)

    it(("know which of %s of %s are needed"):format(row.id, row.platform), function()
      local needed = false
      for _, param in ipairs(row.params) do needed = needed or param.required and not param.option end
      assert.equal(not needed, (pcall(read, row, {})))
    end)
  end

  it("add the terms of what spends", function()
    local row = views.row("ghostealth", "renew_subscription")
    assert.same({ arguments = { "su_1" }, params = { key = "order-1", expect_end = 1773729048080 } },
      read(row, { "su_1", "--key", "order-1", "--expect-end", "1773729048080" }))
    assert.is_false((pcall(read, row, { "su_1", "--expect-end", "soon" })))
  end)

  it("leave out what chooses a page where all pages are walked", function()
    for _, name in ipairs { "list_subscriptions", "list_child_subscriptions" } do
      local platform = name == "list_subscriptions" and "ghostealth" or "activeplatform"
      local command = argparse "try"
      parameters.configure(command, views.row(platform, name), { choices = function() end }, { pages = false })
      local text = command:get_help()
      assert.is_nil(text:find("size", 1, true))
      assert.is_nil(text:find("page", 1, true))
      assert.truthy(text:find("direction", 1, true) or text:find("reseller-id", 1, true))
    end
  end)
end)

describe("the views of tables", function()
  it("are for rows that there are", function()
    for _, platform in ipairs { "ghostealth", "activeplatform" } do
      assert.equal("many", views.row(platform, views.list_of(platform).list).result)
      for _, row in ipairs(reseller.endpoints()) do
        local columns = row.platform == platform and views.of(platform, row.id)
        if row.platform == platform and row.effect == "read" then assert.is_table(columns, row.id) end
        for _, column in ipairs(columns or {}) do assert.is_string(column.path) end
      end
    end
  end)

  it("raise for a row that is none", function() assert.has_error(function() views.row("ghostealth", "nothing") end) end)
end)
