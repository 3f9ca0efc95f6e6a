--- Pieces of HTML from templates in which every value is escaped, unless it is a piece of HTML itself.
local html = {}

local Piece = {}
Piece.__index = Piece
Piece.__tostring = function(piece) return piece.text end

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ["\""] = "&quot;", ["'"] = "&#39;" }

--- A value as it stands in HTML. What no browser should be given is left out.
---@param value any
---@return string
function html.escape(value)
  if getmetatable(value) == Piece then return value.text end
  return (tostring(value):gsub("[%z\1-\8\11\12\14-\31\127]", "?"):gsub("[&<>\"']", escapes))
end

--- A piece of HTML that was written by hand.
---@param text string
---@return table piece
function html.raw(text) return setmetatable({ text = text }, Piece) end

--- Fills a template: {name} is the value of that name.
---@param template string
---@param values table<string, any>
---@return table piece
function html.fill(template, values)
  local text = template:gsub("{(%l+)}", function(name)
    local value = values[name]
    if value == nil then error(("the template has {%s}, for which there is no value"):format(name)) end
    return html.escape(value)
  end)
  return html.raw(text)
end

--- Fills a template for each item, one after the other.
---@param items any[]
---@param piece_of fun(item: any, i: integer): table
---@return table piece
function html.each(items, piece_of)
  local texts = {}
  for i, item in ipairs(items) do texts[i] = html.escape(piece_of(item, i)) end
  return html.raw(table.concat(texts))
end

--- Nothing.
html.none = html.raw ""

return html
