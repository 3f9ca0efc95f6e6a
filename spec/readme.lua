--- Writes the tables of README.md that come from elsewhere: the calls and their parameters from the endpoint
--- table, options from the annotations of the files that read them. From the top of the project:
---
---     lua5.4 spec/readme.lua            rewrites README.md
---     lua5.4 spec/readme.lua --check    writes nothing; ends with 1 if README.md would change
local pages = require "reseller.pages"
local reseller = require "reseller"
local sources = require "spec.reference.sources"
local text = require "spec.reference.text"

local README = "README.md"
local OPENING = "<!-- from %s -->\n"
local CLOSING = "<!-- end -->\n"

local function calls(platform)
  local lines = { text.heading("call", "effect", "what it does") }
  for _, row in ipairs(reseller.endpoints()) do
    if row.platform == platform then
      lines[#lines + 1] = text.cells(text.code(text.signature(row.id, row)), row.effect, row.doc)
      if row.paging then
        local name = pages.name(row.id)
        lines[#lines + 1] = text.cells(text.code(name .. " {…}"), row.effect, "Iterates over all pages of that list.")
      end
    end
  end
  return table.concat(lines, "\n")
end

local function parameters(platform)
  local lines, seen = { text.heading("parameter", "values", "unless given", "meaning") }, {}
  for _, row in ipairs(reseller.endpoints()) do
    for _, param in ipairs(row.platform == platform and row.params or {}) do
      if not seen[param.name] then
        seen[param.name] = true
        lines[#lines + 1] = text.parameter(param)
      end
    end
  end
  return table.concat(lines, "\n")
end

--- The fields of an annotated class.
local function fields(class)
  local lines = { text.heading("option", "type", "meaning") }
  for _, field in ipairs(sources.fields(class)) do
    lines[#lines + 1] = text.cells(text.code((field.name:gsub("%?$", ""))), text.code(field.type), field.doc)
  end
  return table.concat(lines, "\n")
end

-- By what the opening comment of a table says.
local tables = {
  ["csrc/endpoints.c: calls of Ghostealth"] = function() return calls "ghostealth" end,
  ["csrc/endpoints.c: parameters of Ghostealth"] = function() return parameters "ghostealth" end,
  ["csrc/endpoints.c: calls of ActivePlatform"] = function() return calls "activeplatform" end,
  ["csrc/endpoints.c: parameters of ActivePlatform"] = function() return parameters "activeplatform" end,
  ["lua/reseller/config.lua"] = function() return fields "reseller.Options" end,
  ["lua/reseller/limiter/init.lua"] = function() return fields "reseller.Limit" end,
}

--- The text with its tables made anew. Raises for a table that has no place in it.
local function renewed(content)
  for source, make in pairs(tables) do
    local opening = OPENING:format(source)
    local _, first = content:find(opening, 1, true)
    local last = first and content:find(CLOSING, first, true)
    if not last then error(README .. ": no place for the table from " .. source, 0) end
    content = content:sub(1, first) .. make() .. "\n" .. content:sub(last)
  end
  return content
end

text.finish({ { path = README, content = renewed(text.read(README)) } }, "spec/readme.lua", arg[1])
