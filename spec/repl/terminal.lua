--- A prompt in a terminal of its own (script(1)): types keys, and waits until something is to be seen.
local core = require "reseller.core"
local plain = require "reseller.host.plain"
local script = require "spec.support.script"

local LONGEST = 20 -- seconds until what is waited for must be there

local terminal = {}

local Terminal = {}
Terminal.__index = Terminal

--- Starts a command in a terminal.
---@param command string
---@param variables table<string, string>
---@return table
function terminal.start(command, variables)
  local folder = script.folder()
  local words = {}
  for name, value in pairs(variables) do words[#words + 1] = ("%s='%s'"):format(name, value) end
  local line = ("echo $$ >%s/pid; exec env TERM=xterm COLUMNS=100 %s script -qefc \"%s; echo ended \\$?\" %s/log >/dev/null 2>&1")
    :format(folder, table.concat(words, " "), command, folder)
  return setmetatable({ folder = folder, pipe = io.popen(line, "w"), seen = 0 }, Terminal)
end

local function read(path)
  local file = io.open(path)
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return text
end

--- All that was written, without what steers the terminal.
function Terminal:text()
  return (read(self.folder .. "/log"):gsub("\27%[[%d;?]*%a", ""):gsub("\r", ""):gsub("^Script started[^\n]*\n", ""))
end

--- Waits until a text is there, after the one that was waited for before.
---@param text string
---@return string what came up to its end
function Terminal:await(text)
  local deadline = core.now() + LONGEST
  while true do
    local all = self:text()
    local _, to = all:find(text, self.seen + 1, true)
    if to then
      local part = all:sub(self.seen + 1, to)
      self.seen = to
      return part
    end
    assert(core.now() < deadline, ("%q did not come; there is\n%s"):format(text, all))
    plain.sleep(0.01)
  end
end

--- Waits until a condition holds.
---@param condition fun(): boolean
function Terminal:wait_for(condition)
  local deadline = core.now() + LONGEST
  while not condition() do
    assert(core.now() < deadline, "nothing happened; there is\n" .. self:text())
    plain.sleep(0.01)
  end
end

--- Types keys.
function Terminal:type(keys)
  self.pipe:write(keys)
  self.pipe:flush()
end

--- Types a line when the prompt is there.
function Terminal:line(text)
  self:await "> "
  self:type(text .. "\r")
end

--- Closes the terminal; what still runs in it hears that it hung up. (script(1) itself takes two seconds over TERM.)
function Terminal:close()
  script.shell("sh -c 'kill -9 " .. read(self.folder .. "/pid"):match "%d+" .. " 2>/dev/null'")
  self.pipe:close()
  script.remove(self.folder)
end

return terminal
