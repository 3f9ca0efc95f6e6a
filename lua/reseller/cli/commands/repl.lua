--- reseller repl: a Lua prompt with clients at hand.
local exit = require "reseller.cli.exit"
local repl = require "reseller.repl"

local DESCRIPTION = [[
Start a Lua prompt with clients at hand: `gs` for Ghostealth, `ap` for ActivePlatform, as the settings name them.
Results print as tables, errors as one line. What spends money or changes a state asks first. Lines of a pipe are
run as a script; the command then ends with 1 if one of them failed.]]

local function configure(parser)
  parser:flag("-y --yes", "Do not ask before what spends money or changes a state.")
end

local function run(context)
  local code = repl.run { context = context, world = context.world, confirm = not context.flags.yes }
  return code == 0 and exit.DONE or exit.FAILED
end

return {
  name = "repl", summary = "Start a Lua prompt with clients at hand.", description = DESCRIPTION, group = "tools",
  examples = "  reseller repl\n  echo 'gs:get_reseller()' | reseller repl", configure = configure, run = run,
}
