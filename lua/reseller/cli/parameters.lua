--- Parameters of endpoints as arguments and options: made from the rows of the endpoint table, and read back.
local exit = require "reseller.cli.exit"
local nearest = require "reseller.nearest"
local pages = require "reseller.pages"
local reply = require "reseller.reply"
local terms = require "reseller.ledger.terms"

local parameters = {}

--- The option of a parameter: billingCycle is --billing-cycle, page[size] is --page-size.
---@param name string
---@return string
function parameters.option(name)
  local words = name:gsub("%]", ""):gsub("[%[_]", "-"):gsub("(%l)(%u)", "%1-%2")
  return "--" .. words:lower()
end

local function target(name) return "parameter:" .. name end

local function is_argument(param) return param.place == "path" and not param.option end

local function range(param)
  if param.min and param.max then return ("an integer from %d to %d"):format(param.min, param.max) end
  return param.min and ("an integer from %d"):format(param.min) or "an integer"
end

local function integer_of(param, shown)
  return function(text)
    local n = math.tointeger(tonumber(text))
    if n and n >= (param.min or n) and n <= (param.max or n) then return n end
    exit.misuse(("%s: expected %s, got %q"):format(shown, range(param), text), "write a number in that range")
  end
end

--- Items by commas, each one of the choices.
local function list_of(param, shown)
  return function(text)
    local items = {}
    for item in text:gmatch "[^,%s]+" do
      local known
      for _, choice in ipairs(param.choices or { item }) do known = known or choice == item end
      if not known then
        local near = nearest(item, param.choices)
        exit.misuse(("%s: expected some of %s, got %q"):format(shown, table.concat(param.choices, ", "), item),
          near and ("did you mean %s?"):format(near))
      end
      items[#items + 1] = item
    end
    return items
  end
end

local function set_type(element, param, shown, tools)
  if param.type == "list" then element:convert(list_of(param, shown))
  elseif param.choices then tools.choices(element, shown, param.choices)
  elseif param.type == "integer" then element:convert(integer_of(param, shown))
  elseif param.type == "boolean" then element:args(0) end
end

local function describe(param)
  local words = param.doc:gsub("`", ""):gsub("^%l", string.upper)
  if param.type == "list" and param.choices then words = words .. ": " .. table.concat(param.choices, ", ") end
  if param.default ~= nil then words = ("%s (%s unless given)"):format(words, tostring(param.default)) end
  return words .. "."
end

--- The word for the value in help; choices show themselves.
local function argname(param)
  if param.type == "list" then return "LIST" end
  return param.type == "integer" and "N" or param.name:gsub("^.*%[(.*)%]$", "%1"):upper()
end

local function add_argument(command, param, tools)
  local element = command:argument(param.name, describe(param)):target(target(param.name))
  set_type(element, param, param.name, tools)
end

local function add_option(command, param, tools)
  local shown = parameters.option(param.name)
  local element = command:option(shown, describe(param)):target(target(param.name))
  if param.type ~= "boolean" and (not param.choices or param.type == "list") then element:argname(argname(param)) end
  if param.required and not param.option then element:count "1" end
  local written = "--" .. param.name
  if written ~= shown and not written:find "[%[%]]" then element:hidden_name(written) end
  set_type(element, param, shown, tools)
end

local function add_terms(command, row)
  for _, name in ipairs(terms.of(row)) do
    if name == "key" then
      command:option("--key", "Your own name for this order: done once, it is not done again.")
        :argname "TEXT":target "term:key"
    else
      command:option("--expect-end", "Renew only if the period still ends then: ms since 1970.")
        :argname "MS":target "term:expect_end":convert(integer_of({ min = 0 }, "--expect-end"))
    end
  end
end

local function chooses_page(row, param)
  local kind = pages.kinds[row.paging]
  return kind ~= nil and (param.name == kind.number or param.name == kind.size)
end

--- Adds what a row takes to a command.
---@param command table of argparse
---@param row table
---@param tools reseller.cli.Tools
---@param how? {pages?: boolean} false leaves out what chooses a page
function parameters.configure(command, row, tools, how)
  for _, param in ipairs(row.params) do
    local left_out = how and how.pages == false and chooses_page(row, param)
    if is_argument(param) then add_argument(command, param, tools)
    elseif not left_out then add_option(command, param, tools) end
  end
  if reply.once(row.effect) then add_terms(command, row) end
end

--- argparse gives texts; what a parameter takes may be something else.
local function typed(param, value)
  if param.type == "integer" then return math.tointeger(tonumber(value)) end
  return value
end

--- What was given on the command line: values of the path, and the rest by name.
---@param row table
---@param flags table
---@return any[] arguments
---@return table params
function parameters.read(row, flags)
  local arguments, params = {}, {}
  for _, param in ipairs(row.params) do
    local value = flags[target(param.name)]
    if value ~= nil then
      value = typed(param, value)
      if is_argument(param) then arguments[#arguments + 1] = value else params[param.name] = value end
    end
  end
  if reply.once(row.effect) then
    for _, name in ipairs(terms.of(row)) do params[name] = flags["term:" .. name] end
  end
  return arguments, params
end

return parameters
