--- A world for the command that specs see into, and the command run in it against a sandbox.
local core = require "reseller.core"

local clients = require "spec.support.clients"
local script = require "spec.support.script"

local support = {}

local platform = core.platforms().ghostealth
local keys = 0

--- A file that keeps what is written to it. `on_write` sees each text.
local function recorder()
  local file = { text = "" }
  function file.write(self, ...)
    for _, text in ipairs { ... } do
      self.text = self.text .. text
      if self.on_write then self.on_write(text) end
    end
    return self
  end
  function file.flush(self) return self end
  return file
end

--- Lines that are read one by one.
local function feeder(lines)
  local at, file = 0, {}
  function file.read()
    at = at + 1
    return lines[at]
  end
  function file.lines() return file.read end
  return file
end

--- A world: what was printed is in `out.text` and `err.text`, what is asked is answered from `answers`.
---@param options? table terminal, columns, input (lines), answers, time, variables
function support.world(options)
  options = options or {}
  local world = { out = recorder(), err = recorder(), input = feeder(options.input or {}), missing = {}, asked = {},
    out_is_terminal = options.out_is_terminal == true, err_is_terminal = options.terminal == true,
    input_is_terminal = options.terminal == true,
    columns = options.columns or 80, colour = false, home = options.home or "/dev/null/home", clock = 0 }
  local answers = options.answers or {}
  world.lfs = require "lfs"
  function world.getenv(name) return (options.variables or {})[name] end
  function world.time() return options.time or 1773124248 end
  function world.now() return world.clock end
  function world.sleep(seconds) world.clock = world.clock + seconds end
  function world.date(format, seconds) return os.date("!" .. format, math.floor(seconds)) end
  function world.ask(question)
    world.asked[#world.asked + 1] = question
    return table.remove(answers, 1)
  end
  return world
end

local Home = {}
Home.__index = Home

--- A home folder whose config.lua leads to a sandbox; each has a key, and so an account, of its own.
---@param box spec.Sandbox
---@param config? string more lines for config.lua
function support.home(box, config)
  keys = keys + 1
  local all = clients.keys()
  local home = setmetatable({ folder = script.folder(), box = box, key = all[#all - keys % 200] }, Home)
  home:configure(config or "")
  home.variables = { XDG_STATE_HOME = home.folder .. "/state", RESELLER_CONFIG = home.folder .. "/config.lua" }
  return home
end

--- Writes config.lua anew.
function Home:configure(config)
  local file = io.open(self.folder .. "/config.lua", "w")
  file:write(("return { %s ghostealth = { limit = false, base_url = %q, api_key = %q } }"):format(config,
    self.box.url .. platform.sandbox_path, self.key))
  file:close()
  script.shell("chmod 600 " .. self.folder .. "/config.lua")
end

--- Runs the command. With `options.world` in that world.
---@return integer code
---@return table world
function Home:run(line, options)
  options = options or {}
  local words, world = {}, options.world
  for word in line:gmatch "%S+" do words[#words + 1] = word end
  options.variables, options.home = self.variables, self.folder
  options.time = options.time or math.floor(self.box:state().calendar.ms / 1000)
  world = world or support.world(options)
  if options.prepare then options.prepare(world) end
  return require("reseller.cli.main").run(words, world), world
end

--- The rows that a world was shown, as JSON Lines.
function support.rows(world)
  local rows = {}
  for line in world.out.text:gmatch "[^\n]+" do rows[#rows + 1] = require("reseller.json").decode(line) end
  return rows
end

--- Writes a file into the home folder.
function Home:write(name, text)
  local file = io.open(self.folder .. "/" .. name, "w")
  file:write(text)
  file:close()
  return self.folder .. "/" .. name
end

function Home:client() return clients.ghostealth(self.box, { api_key = self.key }) end

--- Buys subscriptions of a week, without a ledger: their ids, oldest first.
function Home:buy(count)
  local gs, bought = self:client(), {}
  for i = 1, count do bought[i] = assert(gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }).id end
  return bought
end

function Home:remove() script.remove(self.folder) end

return support
