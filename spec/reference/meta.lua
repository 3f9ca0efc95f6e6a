--- Writes lua/reseller/meta.lua: the types of everything public, for editors.
local model = require "spec.reference.model"
local pages = require "reseller.pages"
local reply = require "reseller.reply"
local sources = require "spec.reference.sources"
local terms = require "reseller.ledger.terms"
local text = require "spec.reference.text"

local add = text.add

local HEAD = [[
---@meta reseller
---@diagnostic disable: duplicate-doc-field, duplicate-doc-alias
-- The types of everything public, for lua-language-server and the editors that use it. Nothing requires this file.
-- Written by `lua5.4 spec/reference.lua` from the endpoint table, the data model in spec/reference and the annotations
-- of the sources: what is changed here by hand is lost.
-- luacheck: ignore 212 241 631]]

local meta = {}


local function field_line(name, optional, kind, doc)
  local words = doc ~= "" and " " .. doc or ""
  if name:find "^[%a_][%w_]*$" and name ~= "end" then
    return ("---@field %s%s %s%s"):format(name, optional and "?" or "", kind, words)
  end
  return ("---@field [%q] %s%s%s"):format(name, kind, optional and "?" or "", words)
end

--- A class of the data model. Inherited fields are left to the inheritance.
local function class(lines, platform, one)
  local parent = one.extends and " : " .. model.class_name(platform, one.extends) or ""
  add(lines, "")
  add(lines, "--- " .. one.doc)
  add(lines, "---@class %s%s", platform and model.class_name(platform, one.name) or one.name, parent)
  for _, field in ipairs(one) do
    local name, optional = field[1]:gsub("%?$", "")
    add(lines, field_line(name, optional > 0, model.whole(platform, field[2]), field[3] or ""))
  end
end

--- Values as a union of literals.
local function literals(choices)
  local words = {}
  for i, choice in ipairs(choices) do words[i] = (type(choice) == "string" and "%q" or "%d"):format(choice) end
  return table.concat(words, "|")
end

--- The type of what a parameter takes.
local function type_of(param)
  if param.type == "list" then
    local item = param.choices and literals(param.choices) or "string"
    return ("(%s)[]|%s"):format(item, item)
  end
  if param.choices then return literals(param.choices) end
  return param.type == "integer" and param.place == "path" and "integer|string" or param.type
end

--- What there is to say of a parameter.
local function doc_of(param)
  local words = param.doc
  if param.max then words = ("%s; %d to %d"):format(words, param.min, param.max) end
  if param.default ~= nil then words = ("%s; %s unless given"):format(words, tostring(param.default)) end
  return words
end

--- The fields of a row's table of parameters, and those of groups such as page = { size = … } by their names.
local function fields_of(row)
  local fields, groups = {}, {}
  for _, param in ipairs(row.params) do
    local group, inner = text.parts(param.name)
    local field = { inner or param.name, not param.required or param.option, type_of(param), doc_of(param) }
    if group then
      if not groups[group] then
        local class_name = model.class_name(row.platform, row.id) .. ".params." .. group
        groups[group] = {}
        fields[#fields + 1] = { group, true, class_name, "" }
        groups[#groups + 1] = group
      end
      table.insert(groups[group], field)
    elseif not text.is_positional(param) then
      fields[#fields + 1] = field
    end
  end
  for _, name in ipairs(reply.once(row.effect) and terms.of(row) or {}) do
    local term = model.common.terms[name]
    fields[#fields + 1] = { name, true, term[1], term[2] }
  end
  return fields, groups
end

local function class_of(lines, name, fields)
  add(lines, "")
  add(lines, "---@class " .. name)
  for _, field in ipairs(fields) do add(lines, field_line((table.unpack or unpack)(field))) end -- luacheck: ignore
end

--- The class of the table that a method takes; nil when it takes none.
---@return string|nil name
---@return boolean|nil optional
local function parameters(lines, row)
  local fields, groups = fields_of(row)
  if #fields == 0 then return nil end
  local name = model.class_name(row.platform, row.id) .. ".params"
  for _, group in ipairs(groups) do class_of(lines, name .. "." .. group, groups[group]) end
  class_of(lines, name, fields)
  local optional = true
  for _, field in ipairs(fields) do optional = optional and field[2] end
  return name, optional
end

--- The parameters of a method and the names in its head: path parameters, then the table.
local function arguments(lines, row, params, optional)
  local names = {}
  for _, param in ipairs(row.params) do
    if text.is_positional(param) then
      names[#names + 1] = param.name
      add(lines, "---@param %s %s %s", param.name, type_of(param), doc_of(param))
    end
  end
  if params then
    names[#names + 1] = "params"
    add(lines, "---@param params%s %s", optional and "?" or "", params)
  end
  return table.concat(names, ", ")
end

--- The type of a row's result.
local function result(row)
  local name = model.result(row)
  local kind = name and model.class_name(row.platform, name) or "table"
  return row.result == "many" and kind .. "[]" or kind
end

local function method(lines, row, params, optional)
  add(lines, "")
  add(lines, "--- " .. row.doc)
  add(lines, "---")
  add(lines, "--- %s %s; %s: %s.", row.method, row.path, row.effect, model.common.effects[row.effect])
  add(lines, "--- [The vendor's page](%s)", row.source)
  local names = arguments(lines, row, params, optional)
  add(lines, "---@return %s? value %s", result(row), row.result == "nothing" and "empty; nil when it failed"
    or "nil when it failed")
  add(lines, "---@return reseller.Meta|reseller.Error meta the error when it failed")
  add(lines, "function %s:%s(%s) end", row.platform, row.id, names)
end

local function iterator(lines, row, params, optional)
  local name = pages.name(row.id)
  if row.paging == "linked" then
    local kind, doc = model.common.pages_ahead[1], model.common.pages_ahead[2]
    add(lines, "")
    add(lines, "---@class %s.params : %s", model.class_name(row.platform, name), params)
    add(lines, field_line("pages_ahead", true, kind, doc))
    params = model.class_name(row.platform, name) .. ".params"
  end
  add(lines, "")
  add(lines, "--- Iterates over all pages of `%s`, no item twice. Raises the error when a page fails.", row.id)
  local names = arguments(lines, row, params, optional)
  add(lines, "---@return fun(): %s?", model.class_name(row.platform, model.result(row)))
  add(lines, "function %s:%s(%s) end", row.platform, name, names)
end

local function client(lines, platform)
  add(lines, "")
  add(lines, "---@class %s.Client : reseller.Client", "reseller." .. platform)
  add(lines, "local %s = {}", platform)
  for _, row in ipairs(model.rows(platform)) do
    local params, optional = parameters(lines, row)
    method(lines, row, params, optional)
    if row.paging then iterator(lines, row, params, optional) end
  end
end

--- Functions as they are annotated where they are, of a local of that name.
local function copied(lines, name, functions, separator)
  for _, fn in ipairs(functions) do
    add(lines, "")
    if fn.comment ~= "" then add(lines, "%s", fn.comment) end
    add(lines, "function %s%s%s%s end", name, separator, fn.name, fn.parameters)
  end
end

--- A class that the sources define, with its methods.
local function object(lines, class_name, path, name)
  add(lines, "")
  add(lines, "%s", sources.definition(class_name))
  add(lines, "local %s = {}", name)
  copied(lines, name, sources.functions(path, name .. ":"), ":")
end

local INIT = "lua/reseller/init.lua"

--- The module itself.
local function module(lines)
  add(lines, "")
  add(lines, "---@class reseller.ledger")
  add(lines, "local ledger = {}")
  copied(lines, "ledger", { sources.fn("lua/reseller/ledger/init.lua", "ledger.", "open") }, ".")
  add(lines, "")
  add(lines, "---@class reseller")
  for _, name in ipairs { "version", "null" } do
    add(lines, field_line(name, false, model.common.module[name], sources.comment(INIT, name) or ""))
  end
  add(lines, field_line("ledger", false, "reseller.ledger", sources.comment(INIT, "ledger")))
  add(lines, "local reseller = {}")
  for _, platform in ipairs(model.order) do
    add(lines, "")
    add(lines, "--- %s", sources.comment_of_field(INIT, "reseller." .. platform))
    add(lines, "---@param options? reseller.Options")
    add(lines, "---@return %s.Client", "reseller." .. platform)
    add(lines, "function reseller.%s(options) end", platform)
  end
  copied(lines, "reseller", { sources.fn("lua/reseller/json.lua", "json.", "array") }, ".")
  copied(lines, "reseller", sources.functions(INIT, "reseller."), ".")
end

--- Adds the definitions that are named and not there yet, and those that they name.
local function complete(lines)
  local content = table.concat(lines, "\n")
  local defined, added = {}, true
  while added do
    added = false
    for name in content:gmatch "%-%-%-@[ca]l%l+ ([%w_.]+)" do defined[name] = true end
    for line in content:gmatch "%-%-%-[@|][^\n]*" do
      for name in line:gmatch "%f[%w]reseller%.[%w_.]*[%w_]" do
        local block = not defined[name] and line:find "^%-%-%-@%l+ " and sources.definition(name)
        if block then
          content = content .. "\n\n" .. block
          defined[name], added = true, true
        end
      end
    end
  end
  return content
end

--- The text of meta.lua.
---@return string
function meta.write()
  local lines = { HEAD }
  module(lines)
  object(lines, "reseller.Client", "lua/reseller/client.lua", "Client")
  object(lines, "reseller.Ledger", "lua/reseller/ledger/init.lua", "Ledger")
  for _, platform in ipairs(model.order) do
    client(lines, platform)
    for _, one in ipairs(model.of(platform).classes) do class(lines, platform, one) end
  end
  for _, one in ipairs(model.common.classes) do class(lines, nil, one) end
  return complete(lines) .. "\n\nreturn reseller\n"
end

return meta
