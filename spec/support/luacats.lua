--- A reader of LuaCATS annotations (https://luals.github.io/wiki/annotations), strict: what it does not know it raises.
local luacats = {}

local Reader = {}
Reader.__index = Reader

local function fail(reader, expected)
  error(("expected %s at %q"):format(expected, reader.text:sub(reader.at)), 0)
end

--- Takes what matches here, blanks before it skipped; nil when nothing does.
function Reader:take(pattern)
  local from, to, found = self.text:find("^ *(" .. pattern .. ")", self.at)
  if not from then return nil end
  self.at = to + 1
  return found
end

function Reader:need(pattern, expected) return self:take(pattern) or fail(self, expected or pattern) end

local read_type

local function read_list(reader, closing, read_item)
  local items = {}
  if reader:take(closing) then return items end
  repeat items[#items + 1] = read_item(reader) until not reader:take ","
  reader:need(closing)
  return items
end

--- name?: type, in fun(…) and {…}
local function read_member(reader)
  local name = reader:take "%.%.%." or reader:take "[%a_][%w_]*" or fail(reader, "a name")
  local optional = reader:take "%?" ~= nil
  return { name = name, optional = optional, type = reader:take ":" and read_type(reader) or { kind = "name", name = "any" } }
end

local function read_fun(reader)
  local params, returns = read_list(reader, "%)", read_member), {}
  if reader:take ":" then
    repeat returns[#returns + 1] = read_type(reader) until not reader:take ","
  end
  return { kind = "fun", params = params, returns = returns }
end

local function read_primary(reader)
  local text = reader:take '"[^"]*"' or reader:take "'[^']*'"
  if text then return { kind = "literal", value = text:sub(2, -2) } end
  local number = reader:take "%-?%d[%d.]*"
  if number then return { kind = "literal", value = tonumber(number) } end
  if reader:take "fun%(" then return read_fun(reader) end
  if reader:take "{" then return { kind = "table", fields = read_list(reader, "}", read_member) } end
  if reader:take "%(" then
    local inner = read_type(reader)
    reader:need "%)"
    return inner
  end
  local name = reader:need("[%a_][%w_.]*%*?", "a type"):gsub("%.$", "")
  if name == "true" or name == "false" then return { kind = "literal", value = name == "true" } end
  return { kind = "name", name = name, of = reader:take "<" and read_list(reader, ">", read_type) or {} }
end

local function read_postfix(reader)
  local node = read_primary(reader)
  while true do
    if reader.text:find("^%[%]", reader.at) then
      reader:need "%[%]"
      node = { kind = "array", of = node }
    elseif reader.text:find("^%?", reader.at) then
      reader:need "%?"
      node = { kind = "union", node, { kind = "name", name = "nil", of = {} } }
    else
      return node
    end
  end
end

function read_type(reader)
  local first = read_postfix(reader)
  if not reader:take "|" then return first end
  local union = { kind = "union", first }
  repeat union[#union + 1] = read_postfix(reader) until not reader:take "|"
  return union
end

local function rest_of(reader) return reader.text:sub(reader.at):gsub("^ *#? *", "") end

local function on(text) return setmetatable({ text = text, at = 1 }, Reader) end

--- Reads a type that stands alone.
function luacats.type(text)
  local reader = on(text)
  local node = read_type(reader)
  if rest_of(reader) ~= "" then fail(reader, "the end") end
  return node
end

--- How each tag is read, into the block that it belongs to.
local tags = {}

function tags.class(reader, block)
  block.class = { name = reader:need("[%a_][%w_.]*", "a name"), parents = {}, fields = {} }
  if reader:take ":" then
    repeat table.insert(block.class.parents, reader:need("[%a_][%w_.]*", "a class")) until not reader:take ","
  end
end

function tags.field(reader, block)
  if not block.class then fail(reader, "a class before the field") end
  local private = reader:take "private %f[%a]" ~= nil
  local name = reader:take "[%a_][%w_]*%f[?%s]" or reader:need('%["[^"]*"%]', "a name"):sub(3, -3)
  local field = { name = name, private = private or name:find "_$" ~= nil, optional = reader:take "%?" ~= nil }
  field.type, field.doc = read_type(reader), rest_of(reader)
  table.insert(block.class.fields, field)
end

function tags.param(reader, block)
  local name = reader:take "%.%.%." or reader:need("[%a_][%w_]*", "a name")
  local optional = reader:take "%?" ~= nil
  table.insert(block.params, { name = name, optional = optional, type = read_type(reader), doc = rest_of(reader) })
end

tags["return"] = function(reader, block)
  repeat
    local node = read_type(reader)
    table.insert(block.returns, { type = node, name = reader:take "[%a_][%w_]*%f[,%z%s]" })
  until not reader:take ","
end

function tags.alias(reader, block)
  block.alias = { name = reader:need("[%a_][%w_.]*", "a name"), type = { kind = "union" } }
  if rest_of(reader) ~= "" then block.alias.type = read_type(reader) end
end

function tags.generic(reader, block)
  block.generics[reader:need("%a[%w_]*", "a name")] = true
  if reader:take ":" then table.insert(block.types, read_type(reader)) end
end

function tags.type(reader, block) table.insert(block.types, read_type(reader)) end

function tags.meta(reader) reader:take "[%a_][%w_.]*" end

function tags.diagnostic(reader) reader:need("disable: [%a%-, ]+", "disable: names") end

local function read_tag(line, block)
  local tag, text = line:match "^%-%-%-@(%l+) ?(.*)$"
  if not tag or not tags[tag] then error("unknown tag", 0) end
  tags[tag](on(text), block)
end

local function read_value(line, block)
  if not block.alias then error("a value without an alias", 0) end
  table.insert(block.alias.type, read_primary(on(line:match "^%-%-%-|(.*)$")))
end

local function new_block() return { doc = {}, params = {}, returns = {}, generics = {}, types = {} } end

local function read_comment(line, block)
  if line:find "^%-%-%-@" then return read_tag(line, block) end
  if line:find "^%-%-%-|" then return read_value(line, block) end
  table.insert(block.doc, (line:gsub("^%-%-%- ?", "")))
end

--- The function that a line begins: its name, and the names of its parameters.
local function function_of(line)
  local name, list = line:match "^%s*local function ([%w_]+)(%b())"
  if not name then name, list = line:match "function ?([%w_.:]*)(%b())" end
  if not list then return nil end
  local names = {}
  for one in list:gmatch "[%w_.]+" do names[#names + 1] = one end
  return { name = name ~= "" and name or line:match "([%w_.]+) = function" or "", params = names }
end

--- The annotated blocks of a file: doc, class, alias, params, returns, types, fn, line.
---@param path string
---@return table[]
function luacats.blocks(path)
  local blocks, block, number = {}, nil, 0
  for line in io.lines(path) do
    number = number + 1
    if line:find "^%s*%-%-%-" then
      block = block or new_block()
      local ok, why = pcall(read_comment, line:gsub("^%s*", ""), block)
      if not ok then error(("%s:%d: %s\n%s"):format(path, number, why, line), 0) end
    elseif block then
      block.path, block.line, block.fn = path, number, function_of(line)
      blocks[#blocks + 1] = block
      block = nil
    end
  end
  return blocks
end

--- Calls a function with every name of a type in a node.
function luacats.names(node, visit)
  if node.kind == "name" then visit(node.name) end
  if node.kind == "array" then luacats.names(node.of, visit) end
  for _, list in ipairs { node.kind == "union" and node or {}, node.kind == "name" and node.of or {}, node.returns or {} } do
    for _, inner in ipairs(list) do luacats.names(inner, visit) end
  end
  for _, member in ipairs(node.params or node.fields or {}) do luacats.names(member.type, visit) end
end

return luacats
