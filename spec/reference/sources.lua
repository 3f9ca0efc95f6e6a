--- Reads the annotations of the sources, for those who write them elsewhere: what is annotated once is told once.
local text = require "spec.reference.text"

local sources = {}

local GENERATED = "lua/reseller/meta.lua"

local by_path, block_of

--- The sources by path.
local function files()
  if by_path then return by_path end
  by_path = {}
  local pipe = io.popen "find lua -name '*.lua'"
  for path in pipe:lines() do
    if path ~= GENERATED then by_path[path] = text.read(path) end
  end
  pipe:close()
  return by_path
end

--- Takes up the definitions of one file.
local function collect(path, content)
  local name
  for line in (content .. "\n"):gmatch "([^\n]*)\n" do
    local begun = line:match "^%-%-%-@class ([%w_.]+)" or line:match "^%-%-%-@alias ([%w_.]+)"
    if begun and block_of[begun] then error(("%s: %s is defined elsewhere too"):format(path, begun), 0) end
    name = begun or line:find "^%-%-%-[@|]" and name
    if name then block_of[name] = block_of[name] and block_of[name] .. "\n" .. line or line end
  end
end

--- The definitions of classes and aliases, each as its lines, by name.
local function blocks()
  if block_of then return block_of end
  block_of = {}
  for path, content in pairs(files()) do collect(path, content) end
  return block_of
end

--- The definition of a class or an alias without its private fields, nil if there is none.
---@param name string
---@return string|nil
function sources.definition(name)
  local block = blocks()[name]
  return block and (block:gsub("\n%-%-%-@field [%w_]+_%?? [^\n]*", ""))
end

--- Name, type and meaning of a field, from what follows `@field`.
local function field_of(name, rest)
  local kind, doc = rest:match "^(fun%b()) *(.*)$"
  if not kind then kind, doc = rest:match "^(%S+) *(.*)$" end
  return { name = name, type = kind, doc = doc }
end

--- The public fields of an annotated class.
---@param class string
---@return {name: string, type: string, doc: string}[]
function sources.fields(class)
  local fields = {}
  for name, rest in (sources.definition(class) or ""):gmatch "%-%-%-@field (%S+) ([^\n]*)" do
    fields[#fields + 1] = field_of(name, rest)
  end
  if #fields == 0 then error(class .. ": no class with fields", 0) end
  return fields
end

--- The public functions of a table in a file, with the comments above them: `Ledger:`, `ledger.`.
---@param path string
---@param prefix string
---@return {name: string, comment: string, parameters: string}[]
function sources.functions(path, prefix)
  local found, comment = {}, {}
  for line in (files()[path] .. "\n"):gmatch "([^\n]*)\n" do
    local name, parameters = line:match("^function " .. prefix:gsub("%p", "%%%0") .. "([%w_]+)(%b())")
    if line:find "^%-%-%-" then
      comment[#comment + 1] = line
    else
      if name and not name:find "_$" then
        found[#found + 1] = { name = name, comment = table.concat(comment, "\n"), parameters = parameters }
      end
      comment = {}
    end
  end
  return found
end

--- One public function of a table in a file.
---@param path string
---@param prefix string
---@param name string
---@return {name: string, comment: string, parameters: string}
function sources.fn(path, prefix, name)
  for _, one in ipairs(sources.functions(path, prefix)) do
    if one.name == name then return one end
  end
  error(("%s: no function %s%s"):format(path, prefix, name), 0)
end

--- The comment above a field of a table, as one line: `  --- What it is.` before `  name = …`.
---@param path string
---@param name string
---@return string|nil
function sources.comment(path, name)
  local lines = {}
  for line in files()[path]:gmatch "[^\n]+" do
    local words = line:match "^ +%-%-%- (.*)"
    if words then
      lines[#lines + 1] = words
    else
      if line:match "^ +([%w_]+) = " == name then return table.concat(lines, " ") end
      lines = {}
    end
  end
end

--- The comment above an assignment such as `reseller.ghostealth = …`, as one line.
---@param path string
---@param name string
---@return string
function sources.comment_of_field(path, name)
  local pattern = "\n(%-%-%-[^@\n][^%z]-)\n%-%-%-@[^\n]*\n" .. name:gsub("%p", "%%%0") .. " = "
  local words = files()[path]:match(pattern)
  if not words then error(("%s: no comment above %s"):format(path, name), 0) end
  return (words:match "[^%z]*\n\n(.*)$" or words):gsub("^%-%-%- ", ""):gsub("\n%-%-%- ", " ")
end

return sources
