--- reseller completions bash|zsh|fish: what a shell needs to complete this command.
local commands = require "reseller.cli.commands"
local exit = require "reseller.cli.exit"
local output = require "reseller.cli.output"
local parser = require "reseller.cli.parser"

local SHELLS = { "bash", "zsh", "fish" }

local function run(context)
  local root = parser.new(commands.all(), context.world.columns, { visible_only = true })
  root:reveal()
  local text = root.root[("get_%s_complete"):format(context.flags.shell)](root.root)
  output.write(context.world, text)
  return exit.DONE
end

return {
  name = "completions", group = "tools",
  summary = "Print what bash, zsh or fish needs to complete commands and options.",
  configure = function(command, tools)
    tools.choices(command:argument("shell", "The shell."), "shell", SHELLS)
  end,
  examples = [[
  eval "$(reseller completions bash)"    # in ~/.bashrc
  reseller completions zsh >"${fpath[1]}/_reseller"
  reseller completions fish >~/.config/fish/completions/reseller.fish]],
  run = run,
}
