--- What the command sees of the process around it: files, environment, terminal, clocks. Specs pass one of
--- their own.
local core = require "reseller.core"

local FALLBACK_COLUMNS = 80
local NARROWEST = 20

---@class reseller.cli.World
---@field out file*
---@field err file*
---@field input file*
---@field out_is_terminal boolean
---@field err_is_terminal boolean
---@field input_is_terminal boolean
---@field columns integer width of the terminal
---@field colour boolean
---@field home string
---@field missing string[] names of modules that could not be loaded
---@field lfs? table lua-filesystem
---@field getenv fun(name: string): string?
---@field time fun(): number seconds since 1970
---@field now fun(): number monotonic seconds
---@field sleep fun(seconds: number)
---@field date fun(format: string, seconds: number): string UTC
---@field ask fun(question: string): string?
local world = {}

--- An optional module, or nil, and a note of what is missing.
local function optional(self, name, package)
  local ok, module = pcall(require, name)
  if ok then return module end
  self.missing[#self.missing + 1] = ("%s (Debian package %s)"):format(name, package)
end

--- The width that the terminal tells, nil if it does not.
local function ask_width()
  local pipe = io.popen "stty size </dev/tty 2>/dev/null"
  local columns = pipe and pipe:read "*a":match "^%d+ (%d+)"
  if pipe then pipe:close() end
  return tonumber(columns)
end

local function width_of(self)
  local columns = tonumber(self.getenv "COLUMNS")
  if not columns and (self.out_is_terminal or self.err_is_terminal) then columns = ask_width() end
  if not columns or columns < 1 then return FALLBACK_COLUMNS end
  return math.max(NARROWEST, math.floor(columns))
end

--- A variable of the environment; an empty one counts as none.
local function getenv(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

local function ask(self)
  return function(question)
    self.err:write(question):flush()
    return self.input:read "l"
  end
end

--- The world of this process.
---@return reseller.cli.World
function world.real()
  local self = { out = io.stdout, err = io.stderr, input = io.stdin, missing = {}, getenv = getenv,
    time = core.wall, now = core.now, sleep = core.sleep }
  local term, lfs = optional(self, "term", "lua-term"), optional(self, "lfs", "lua-filesystem")
  local function is_terminal(file) return term ~= nil and term.isatty(file) end
  self.lfs = lfs
  self.out_is_terminal, self.err_is_terminal = is_terminal(io.stdout), is_terminal(io.stderr)
  self.input_is_terminal = is_terminal(io.stdin)
  self.columns = width_of(self)
  self.colour = self.out_is_terminal and getenv "NO_COLOR" == nil and getenv "TERM" ~= "dumb"
  self.home = getenv "HOME" or "."
  self.ask = ask(self)
  function self.date(format, seconds) return os.date("!" .. format, math.floor(seconds)) end
  return self
end

return world
