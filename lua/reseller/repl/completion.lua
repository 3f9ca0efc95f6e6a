--- Completes what is typed: names, fields, methods of clients, parameters of a call and their values.
local core = require "reseller.core"
local help = require "reseller.repl.help"
local pages = require "reseller.pages"
local reply = require "reseller.reply"
local terms = require "reseller.ledger.terms"

local keywords = { "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while" }

local completion = {}

--- Where the innermost bracket that is still open stands, and in which text the line ends, if in one.
local function scan(text)
  local open, quote, at = {}, nil, 1
  while at <= #text do
    local c = text:sub(at, at)
    if quote then
      if c == "\\" then at = at + 1 elseif c == quote.mark then quote = nil end
    elseif c == '"' or c == "'" then
      quote = { mark = c, at = at }
    elseif c:find "[%(%{%[]" then
      open[#open + 1] = at
    elseif c:find "[%)%}%]]" then
      open[#open] = nil
    end
    at = at + 1
  end
  return open, quote
end

--- The rows of the call whose arguments are being typed, and the field of it that is a table within.
local function call_of(text, open)
  for i = #open, 1, -1 do
    local before = text:sub(1, open[i] - 1)
    local name = before:match "[:%.]%s*([%a_][%w_]*)%s*%(?[^%(%){}]*$"
    local rows = name and help.find(name) or {}
    if #rows > 0 then
      local within = open[i + 1] and text:sub(1, open[i + 1] - 1):match "([%a_][%w_]*)%s*=%s*$"
      return rows, text:sub(open[i], open[i]) == "{" and (i == #open or within ~= nil), within
    end
  end
end

local function add_names(names, row, within)
  for _, param in ipairs(row.params) do
    local group, inner = param.name:match "^(.-)%[(.-)%]$"
    if within then
      if group == within then names[inner .. " = "] = true end
    elseif param.place ~= "path" or param.option then
      names[(group or param.name) .. " = "] = true
    end
  end
  if within or not reply.once(row.effect) then return end
  for _, name in ipairs(terms.of(row)) do names[name .. " = "] = true end
end

--- The values that a parameter takes, as texts.
local function add_choices(choices, row, name)
  for _, param in ipairs(row.params) do
    for _, choice in ipairs(param.name == name and param.choices or {}) do choices[tostring(choice)] = true end
  end
end

local function chosen(set, prefix)
  local list = {}
  for name in pairs(set) do
    if name:sub(1, #prefix) == prefix then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

local function add_keys(names, value, only_functions)
  for name, field in next, value do
    if type(name) == "string" and name:find "^[%a_][%w_]*$" and (not only_functions or type(field) == "function") then
      names[name] = true
    end
  end
end

--- The names that can follow a value.
local function fields_of(value, only_functions)
  local names, metatable = {}, type(value) == "string" and getmetatable "" or nil
  if type(value) == "table" then
    metatable = getmetatable(value)
    add_keys(names, value, only_functions)
  end
  local index = type(metatable) == "table" and metatable.__index
  if type(index) == "table" then add_keys(names, index, only_functions) end
  return names
end

--- What a chain of names stands for; nothing is called for it.
local function resolve(env, chain)
  local value = env
  for name in chain:gmatch "[%a_][%w_]*" do
    if type(value) ~= "table" then return nil end
    local ok, field = pcall(function() return value[name] end)
    value = ok and field or nil
  end
  return value
end

local function without_private(names, prefix)
  if prefix:find "^_" then return names end
  for name in pairs(names) do
    if name:find "_$" or name:find "^__" then names[name] = nil end
  end
  return names
end

--- A name, or one after a chain of others.
local function names_at(env, text)
  local chain, mark, prefix = text:match "([%a_][%w_%.]*)([:%.])([%w_]*)$"
  if chain then return without_private(fields_of(resolve(env, chain), mark == ":"), prefix), prefix end
  prefix = text:match "[%a_][%w_]*$" or ""
  if prefix == "" and not text:find "^%s*$" and not text:find "[%s%(%{,=]$" then return {}, "" end
  local names = {}
  add_keys(names, env)
  for _, word in ipairs(keywords) do names[word] = true end
  local metatable = getmetatable(env)
  if metatable and type(metatable.__index) == "table" then add_keys(names, metatable.__index) end
  return without_private(names, prefix), prefix
end

local function all_calls()
  local names = {}
  for _, row in ipairs(core.endpoints()) do
    names[row.id] = true
    if row.paging then names[pages.name(row.id)] = true end
  end
  for platform in pairs(core.platforms()) do names[platform] = true end
  return names
end

--- Inside of a text: the value of a parameter, or the name of a call for `help`.
local function in_text(text, open, quote)
  local prefix, before = text:sub(quote.at + 1), text:sub(1, quote.at - 1)
  if before:find "help%s*%(?%s*$" then return chosen(all_calls(), prefix), prefix end
  local rows, _, within = call_of(text, open)
  local name = before:match "([%a_][%w_]*)%s*=%s*$" or within
  local choices = {}
  for _, row in ipairs(name and rows or {}) do add_choices(choices, row, name) end
  return chosen(choices, prefix), prefix
end

--- After `name =`: the numbers that the parameter takes.
local function as_number(rows, text)
  local name, prefix = text:match "([%a_][%w_]*)%s*=%s*(%d*)$"
  local choices = {}
  for _, row in ipairs(name and rows or {}) do add_choices(choices, row, name) end
  for choice in pairs(choices) do
    if not tonumber(choice) then return nil end
  end
  return next(choices) and chosen(choices, prefix), prefix
end

--- What could stand at the end of a text.
---@param env table the globals
---@param text string the line up to the cursor
---@return string[] words sorted; each begins with what is typed of it
---@return integer typed how many bytes of them are typed already
function completion.at(env, text)
  local open, quote = scan(text)
  if quote then
    local words, prefix = in_text(text, open, quote)
    return words, #prefix
  end
  local rows, in_braces, within = call_of(text, open)
  local numbers, typed = as_number(rows, text)
  if numbers then return numbers, #typed end
  local prefix = rows and in_braces and text:match "[{,]%s*([%a_]?[%w_]*)$"
  if prefix then
    local names = {}
    for _, row in ipairs(rows) do add_names(names, row, within) end
    return chosen(names, prefix), #prefix
  end
  local names, start = names_at(env, text)
  return chosen(names, start), #start
end

return completion
