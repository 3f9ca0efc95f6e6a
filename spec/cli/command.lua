--- Runs the command for specs: in this process with a world of its own, or as a process.
local core = require "reseller.core"
local main = require "reseller.cli.main"

local script = require "spec.support.script"

local platforms = core.platforms()

local command = {}

--- A file that keeps what is written.
local function memory()
  local file = { text = "" }
  function file:write(...)
    self.text = self.text .. table.concat({ ... })
    return self
  end
  function file:flush() return self end
  return file
end

---@class spec.cli.World
---@field env? table<string, string>
---@field terminal? boolean
---@field columns? integer
---@field colour? boolean
---@field answers? string[] what the person types
---@field time? number seconds since 1970
---@field box? spec.Sandbox whose address and keys the environment tells
---@field home? string

--- The environment in which everything goes to a sandbox, by the ways of real use.
function command.environment(box)
  return {
    GHOSTEALTH_BASE_URL = box.url .. platforms.ghostealth.sandbox_path,
    GHOSTEALTH_API_KEY = platforms.ghostealth.sandbox_credential,
    ACTIVEPLATFORM_BASE_URL = box.url, ACTIVEPLATFORM_RESELLER_ID = "1",
    ACTIVEPLATFORM_API_TOKEN = platforms.activeplatform.sandbox_credential,
  }
end

--- A world that holds what the command writes.
---@param options? spec.cli.World
function command.world(options)
  options = options or {}
  local env = options.box and command.environment(options.box) or {}
  for name, value in pairs(options.env or {}) do env[name] = value end
  local answers, clock = options.answers or {}, 0
  local world = { out = memory(), err = memory(), input = memory(), missing = {}, lfs = require "lfs",
    out_is_terminal = options.terminal or false, err_is_terminal = options.terminal or false,
    input_is_terminal = options.terminal or false, columns = options.columns or 80, colour = options.colour or false,
    home = options.home or "/dev/null/home" }
  function world.getenv(name) return env[name] ~= "" and env[name] or nil end
  function world.time() return options.time or core.wall() end
  function world.now() return clock end
  function world.sleep(seconds) clock = clock + seconds end
  function world.date(format, seconds) return os.date("!" .. format, math.floor(seconds)) end
  function world.ask(question)
    world.err:write(question)
    return table.remove(answers, 1)
  end
  return world
end

--- Runs the command in this process.
---@param words string[]
---@param options? spec.cli.World
---@return integer code, string out, string err
function command.run(words, options)
  local world = command.world(options)
  local code = main.run(words, world)
  return code, world.out.text, world.err.text
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

--- Runs a line of the shell in which `reseller` is the command.
---@param line string
---@param options {home: string, variables?: table<string, string>, input?: string}
---@return integer code, string out, string err
function command.shell(line, options)
  local variables = script.paths()
  variables.HOME, variables.XDG_CONFIG_HOME, variables.XDG_STATE_HOME = options.home, "", ""
  for name, value in pairs(options.variables or {}) do variables[name] = value end
  local program = ("reseller() { %s lua/reseller/cli/main.lua \"$@\"; }; %s"):format(script.lua, line)
  local out, err = options.home .. "/.stdout", options.home .. "/.stderr"
  local quoted = "'" .. program:gsub("'", [['\'']]) .. "'"
  local _, code = script.shell(("bash -c %s >%s 2>%s"):format(quoted, out, err), { variables = variables, input = options.input })
  return code, read(out), read(err)
end

--- Writes a file with rights such as "600".
function command.file(path, text, rights)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  assert(os.execute(("chmod %s %s"):format(rights or "600", path)))
  return path
end

return command
