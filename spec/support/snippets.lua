--- Blocks of code in pages of Markdown, and how those in Lua are run: alone, against a sandbox in its first state.
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

local snippets = {}

-- What pages say that their snippets start from.
local PRELUDE = [[
reseller = require "reseller"
gs, ap = reseller.ghostealth(), reseller.activeplatform()
]]

---@param path string
---@return string
function snippets.read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

---@param path string
---@param text string
function snippets.write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

---@class spec.snippet
---@field language string
---@field code string
---@field title string its first line

--- All blocks of a page, in order.
---@param page string
---@return spec.snippet[]
function snippets.blocks(page)
  local found = {}
  for language, code in page:gmatch "\n```(%w*)\n(.-)\n```%f[\n%z]" do
    found[#found + 1] = { language = language, code = code, title = code:match "[^\n]+" }
  end
  return found
end

--- One space where there is any.
---@param text string
---@return string
function snippets.plain(text) return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")) end

--- What the comments of a snippet say that it prints, nil if they say nothing.
---@param code string
---@return string|nil
function snippets.promised(code)
  local lines = {}
  for line in code:gmatch "%-%->([^\n]*)" do lines[#lines + 1] = line end
  return #lines > 0 and snippets.plain(table.concat(lines, " ")) or nil
end

--- Runs a snippet in Lua.
---@param code string
---@return string output
---@return integer status
function snippets.run(code)
  local box, room = sandbox.shared(), script.folder()
  snippets.write(room .. "/snippet.lua", PRELUDE .. code .. "\n")
  local output, status = script.run(room .. "/snippet.lua", { RESELLER_SANDBOX = box.url, HOME = room })
  script.remove(room)
  return output, status
end

return snippets
