--- CSV (RFC 4180): lines end in CR LF, what holds a comma, a quote or a line break is quoted.
local encoder = require "reseller.cli.output.json"
local json = require "reseller.json"

local csv = {}

--- What a spreadsheet would take for a formula; a number is none.
local function is_formula(text) return text:find "^[=+%-@\t\r]" ~= nil and not text:find "^[+-]?%d+%.?%d*$" end

--- One field. A quote before a would-be formula keeps spreadsheets from running what others wrote.
---@param value any
---@return string
function csv.field(value)
  if value == nil or value == json.null then return "" end
  local text
  if type(value) == "table" then text = encoder.encode(value)
  elseif type(value) == "string" then text = is_formula(value) and "'" .. value or value
  else text = encoder.encode(value) end
  if text:find '[,"\r\n]' or text:find "^ " or text:find " $" then return '"' .. text:gsub('"', '""') .. '"' end
  return text
end

--- One line.
---@param values any[]
---@param count integer
---@return string
function csv.line(values, count)
  local parts = {}
  for i = 1, count do parts[i] = csv.field(values[i]) end
  return table.concat(parts, ",") .. "\r\n"
end

return csv
