--- Runs the command: reads the words, runs what they ask for, and turns whatever happens into an exit code.
---
---     os.exit(require("reseller.cli.main").run(arg), true)
---
--- What it needs is required where it is used, after a look at what is missing on this machine.
local main = {}

local BROKEN_PIPE = 141

--- The modules that the command cannot do without, and their packages of Debian and LuaRocks.
local NEEDED = { { "argparse", "lua-argparse", "argparse" }, { "cjson", "lua-cjson", "lua-cjson" } }

local function missing()
  for _, needed in ipairs(NEEDED) do
    if not pcall(require, needed[1]) then
      return ("reseller: the Lua module %s is missing\n  install %s (Debian), or: luarocks install %s\n"):format(
        table.unpack(needed))
    end
  end
end

--- Shows help or the version, which are asked for by raising them.
local function show_asked(world, raised)
  local output = require "reseller.cli.output"
  output.write(world, raised.help and raised.help .. "\n" or require "reseller.version" .. "\n")
  return 0
end

--- Says so in a line of its own: the terminal has left ^C where the cursor was.
local function interrupted(context)
  if context.world.err_is_terminal then context.world.err:write "\n" end
  context:fail "interrupted"
  return require("reseller.cli.exit").INTERRUPTED
end

--- The exit code of what was raised, after telling it.
local function conclude(context, raised)
  local exit = require "reseller.cli.exit"
  if type(raised) == "table" then
    if raised.broken_pipe then return exit.BROKEN_PIPE end
    if raised.help or raised.version then return show_asked(context.world, raised) end
    return context:fail(raised)
  end
  if tostring(raised):find "interrupted!" then return interrupted(context) end
  return context:fail("a fault of this program: " .. tostring(raised), "please report it, with the command you ran")
end

local function parse_and_run(words, world, begin)
  local commands, parser = require "reseller.cli.commands", require "reseller.cli.parser"
  local parsed = parser.new(commands.all(), world.columns)
  if #words == 0 then
    world.err:write(parsed:help(), "\n")
    return require("reseller.cli.exit").USAGE
  end
  local command, flags = parsed:parse(words)
  local context = begin(flags)
  context.parser = parsed
  return command.run(context) or 0
end

--- Adds a trace to a fault of this program.
local function trace(raised)
  if type(raised) == "string" and not raised:find "interrupted!" then return debug.traceback(raised, 2) end
  return raised
end

--- Runs the command.
---@param words string[]
---@param world? reseller.cli.World that of this process unless given
---@return integer exit
function main.run(words, world)
  local fault = missing()
  if fault then
    io.stderr:write(fault)
    return 1
  end
  world = world or require "reseller.cli.world".real()
  local new_context = require("reseller.cli").new
  local context = new_context(world, {})
  local function begin(flags)
    context = new_context(world, flags)
    return context
  end
  local function run() return parse_and_run(words, world, begin) end
  local ok, result = xpcall(run, trace)
  if ok then return result end
  local told, code = pcall(conclude, context, result)
  if told then return code end
  return type(code) == "table" and code.broken_pipe and BROKEN_PIPE or 1
end

-- Not required by its name, it is the program.
if ... ~= "reseller.cli.main" then os.exit(main.run(table.move(arg, 1, #arg, 1, {})), true) end

return main
