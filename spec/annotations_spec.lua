local luacats = require "spec.support.luacats"
local script = require "spec.support.script"

local BUILT_IN = { "nil", "any", "boolean", "string", "number", "integer", "function", "table", "thread", "userdata",
  "lightuserdata", "self", "unknown", "file*" }

local function each_source()
  local listing = script.shell "find lua -name '*.lua' | sort"
  return listing:gmatch "[^\n]+"
end

--- Calls a function with each type of a block.
local function each_type(block, visit)
  for _, node in ipairs(block.types) do visit(node) end
  for _, list in ipairs { block.params, block.returns, block.class and block.class.fields or {} } do
    for _, item in ipairs(list) do visit(item.type) end
  end
  if block.alias then visit(block.alias.type) end
end

describe("the reader of annotations", function()
  for _, good in ipairs { "string", "a.b.C?", "string[]?", '("a"|"b")[]|1', "table<string, integer[]>", "fun()",
    "fun(a: string, b?: integer, ...): a.B?, nil", "{ a: string, b?: integer }", "fun(f: fun(): any): string|nil" } do
    it("takes " .. good, function() assert.is_table(luacats.type(good)) end)
  end

  for _, bad in ipairs { "", "string|", "fun(", "table<string", "{ a: }", "string string", "(string", "[]", "a..b]" } do
    it("refuses " .. bad, function() assert.is_false((pcall(luacats.type, bad))) end)
  end

  for name, lines in pairs {
    ["an unknown tag"] = "---@parm x string", ["a field of nothing"] = "---@field x string",
    ["a parameter without a type"] = "---@param x", ["a value of no alias"] = '---| "x"',
    ["a type that does not end"] = "---@return (string|nil",
  } do
    it("refuses " .. name, function()
      local path = os.tmpname()
      local file = assert(io.open(path, "w"))
      file:write(lines, "\nlocal function f(x) end\n")
      file:close()
      local ok, why = pcall(luacats.blocks, path)
      os.remove(path)
      assert.is_false(ok)
      assert.truthy(why:find(path .. ":1: ", 1, true))
    end)
  end
end)

describe("annotations", function()
  local blocks = {}
  setup(function()
    for path in each_source() do
      for _, block in ipairs(luacats.blocks(path)) do blocks[#blocks + 1] = block end
    end
  end)

  it("name only types that are defined", function()
    local known = {}
    for _, name in ipairs(BUILT_IN) do known[name] = true end
    for _, block in ipairs(blocks) do
      if block.class then known[block.class.name] = true end
      if block.alias then known[block.alias.name] = true end
    end
    for _, block in ipairs(blocks) do
      local function check(name)
        assert.is_true(known[name] or block.generics[name] or false, ("%s:%d: %s"):format(block.path, block.line, name))
      end
      each_type(block, function(node) luacats.names(node, check) end)
      for _, parent in ipairs(block.class and block.class.parents or {}) do check(parent) end
    end
  end)

  it("name the parameters that the function has, in their order", function()
    for _, block in ipairs(blocks) do
      local at = 0
      for _, param in ipairs(block.params) do
        local where = ("%s:%d: %s"):format(block.path, block.line, param.name)
        assert.truthy(block.fn, where)
        local found
        for i, name in ipairs(block.fn.params) do found = found or i > at and name == param.name and i end
        assert.truthy(found, where)
        at = found
      end
    end
  end)
end)
