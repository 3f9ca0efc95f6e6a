--- Writes the tables of README.md that come from elsewhere: the calls and their parameters from the endpoint
--- table, options from the annotations of the files that read them. From the top of the project:
---
---     lua5.4 spec/readme.lua            rewrites README.md
---     lua5.4 spec/readme.lua --check    writes nothing; ends with 1 if README.md would change
local reseller = require "reseller"
local pages = require "reseller.pages"

local README = "README.md"
local OPENING = "<!-- from %s -->\n"
local CLOSING = "<!-- end -->\n"

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

local function cells(...) return "| " .. table.concat({ ... }, " | ") .. " |" end

local function heading(...) return cells(...) .. "\n" .. ("|---"):rep(select("#", ...)) .. "|" end

local function code(text) return "`" .. tostring(text):gsub("|", "\\|") .. "`" end

--- The parameters by where a method takes them: names before the table, and those in it.
local function arguments(row)
  local before, inside, by_group = {}, {}, {}
  for _, param in ipairs(row.params) do
    local group, inner = param.name:match "^(.-)%[(.-)%]$"
    if param.place == "path" and not param.option then
      before[#before + 1] = param.name
    elseif group then
      if not by_group[group] then
        by_group[group] = {}
        inside[#inside + 1] = { group = by_group[group], name = group }
      end
      table.insert(by_group[group], inner .. "?")
    else
      inside[#inside + 1] = { name = param.name .. (param.required and not param.option and "" or "?") }
    end
  end
  return before, inside
end

local function table_of(inside)
  local names = {}
  for i, item in ipairs(inside) do
    names[i] = item.group and ("%s? = { %s }"):format(item.name, table.concat(item.group, ", ")) or item.name
  end
  return "{ " .. table.concat(names, ", ") .. " }"
end

--- How the method of a row is written: verb_noun(id, { field, optional? }).
local function signature(name, row)
  local before, inside = arguments(row)
  if #before == 0 and #inside > 0 then return name .. " " .. table_of(inside) end
  if #inside > 0 then before[#before + 1] = table_of(inside) end
  return ("%s(%s)"):format(name, table.concat(before, ", "))
end

local function calls(platform)
  local lines = { heading("call", "effect", "what it does") }
  for _, row in ipairs(reseller.endpoints()) do
    if row.platform == platform then
      lines[#lines + 1] = cells(code(signature(row.id, row)), row.effect, row.doc)
      if row.paging then
        local name = pages.name(row.id)
        lines[#lines + 1] = cells(code(name .. " {…}"), row.effect, "Iterates over all pages of that list.")
      end
    end
  end
  return table.concat(lines, "\n")
end

--- What values a parameter takes.
local function values(param)
  if param.choices then
    local list = table.concat(param.choices, ", ")
    return (param.type == "list" and "list of " or "") .. list
  end
  if not param.min then return param.type == "string" and "text" or param.type end
  return param.max and ("%s, %d to %d"):format(param.type, param.min, param.max)
    or ("%s, from %d"):format(param.type, param.min)
end

local function parameters(platform)
  local lines, seen = { heading("parameter", "values", "unless given", "meaning") }, {}
  for _, row in ipairs(reseller.endpoints()) do
    for _, param in ipairs(row.platform == platform and row.params or {}) do
      if not seen[param.name] then
        seen[param.name] = true
        local default = param.default and code(param.default) or param.option and "the client's" or ""
        lines[#lines + 1] = cells(code(param.name), values(param), default, param.doc)
      end
    end
  end
  return table.concat(lines, "\n")
end

--- The fields of an annotated class.
local function fields(path, class)
  local block = read(path):match("%-%-%-@class " .. class:gsub("%p", "%%%0") .. "\n(.-)\n\n")
  local lines = { heading("option", "type", "meaning") }
  for name, rest in block:gmatch "%-%-%-@field (%S+) ([^\n]*)" do
    local kind, meaning = rest:match "^(fun%b()) *(.*)$"
    if not kind then kind, meaning = rest:match "^(%S+) *(.*)$" end
    lines[#lines + 1] = cells(code((name:gsub("%?$", ""))), code(kind), meaning)
  end
  return table.concat(lines, "\n")
end

-- By what the opening comment of a table says.
local tables = {
  ["csrc/endpoints.c: calls of Ghostealth"] = function() return calls "ghostealth" end,
  ["csrc/endpoints.c: parameters of Ghostealth"] = function() return parameters "ghostealth" end,
  ["csrc/endpoints.c: calls of ActivePlatform"] = function() return calls "activeplatform" end,
  ["csrc/endpoints.c: parameters of ActivePlatform"] = function() return parameters "activeplatform" end,
  ["lua/reseller/config.lua"] = function() return fields("lua/reseller/config.lua", "reseller.Options") end,
  ["lua/reseller/limiter/init.lua"] = function() return fields("lua/reseller/limiter/init.lua", "reseller.Limit") end,
}

--- The text with its tables made anew. Raises for a table that has no place in it.
local function renewed(text)
  for source, make in pairs(tables) do
    local opening = OPENING:format(source)
    local _, first = text:find(opening, 1, true)
    local last = first and text:find(CLOSING, first, true)
    if not last then error(README .. ": no place for the table from " .. source, 0) end
    text = text:sub(1, first) .. make() .. "\n" .. text:sub(last)
  end
  return text
end

local old = read(README)
local new = renewed(old)
if arg[1] == "--check" then
  if old == new then os.exit(0) end
  io.stderr:write(README, " is behind its sources: run spec/readme.lua\n")
  os.exit(1)
end
local file = assert(io.open(README, "w"))
file:write(new)
file:close()
