--- The lines that were typed, kept in a file that only its owner reads.
local core = require "reseller.core"

local KEPT = 1000 -- lines

local history = {}

---@class reseller.repl.History
---@field lines string[] oldest first
---@field private path_? string
local History = {}
History.__index = History

local function read_lines(path)
  local file, lines = io.open(path, "r"), {}
  if not file then return lines end
  for line in file:lines() do lines[#lines + 1] = line end
  file:close()
  return lines
end

--- Keeps the newest lines only, in the same file, so that it stays as private as it was.
local function shorten(path, lines)
  local kept = {}
  for i = math.max(1, #lines - KEPT + 1), #lines do kept[#kept + 1] = lines[i] end
  local file = #kept < #lines and io.open(path, "w")
  if file then
    file:write(table.concat(kept, "\n"), "\n")
    file:close()
  end
  return kept
end

--- Opens the history.
---@param path string|nil nil: it lasts as long as the prompt
---@return reseller.repl.History
function history.open(path)
  local self = setmetatable({ lines = {} }, History)
  if path and core.private_file(path) then
    self.path_ = path
    self.lines = shorten(path, read_lines(path))
  end
  return self
end

--- Adds a line, unless it is the same as the one before. It is in the file at once.
---@param line string
---@return boolean added
function History:add(line)
  line = line:gsub("%s*\n%s*", " ")
  if line:find "^%s*$" or line == self.lines[#self.lines] then return false end
  self.lines[#self.lines + 1] = line
  local file = self.path_ and io.open(self.path_, "a")
  if file then
    file:write(line, "\n")
    file:close()
  end
  return true
end

return history
