--- JSON texts with holes. A template reads like the vendor's sample and keeps its order of keys, so
--- that a reply has the same bytes on every run.
---
--- `$name` becomes the JSON of `values.name`, with null for nil; `$$name` takes text that is JSON
--- already. Line breaks and what indents a line are not part of the text.

local json = require "reseller.json"

local template = {}

local SHORT = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t" }

local function escape(c)
  return SHORT[c] or ("\\u%04x"):format(c:byte())
end

-- Slashes stay as they are, as in the vendors' samples; most encoders would escape them.
local function scalar(value)
  if value == nil then return "null" end
  if type(value) == "string" then return '"' .. value:gsub('[%c"\\]', escape) .. '"' end
  return json.encode(value)
end

---@param source string
---@return fun(values: table): string
function template.compile(source)
  local compact = source:gsub("%s*\n%s*", ""):gsub("^%s+", "")
  return function(values)
    local filled = compact:gsub("(%$%$?)([%a_]+)", function(kind, name)
      if kind == "$$" then return values[name] end
      return scalar(values[name])
    end)
    return filled
  end
end

--- A JSON array of texts that are JSON already.
---@param items string[]
---@return string
function template.array(items)
  return "[" .. table.concat(items, ",") .. "]"
end

return template
