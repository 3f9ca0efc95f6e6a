--- The commands, in the order in which --help tells them. A module has one of them, or a list.
local NAMES = { "account", "list", "show", "downstream", "subscription", "create", "update", "renew", "suspend",
  "resume", "cancel", "runs", "platform", "ledger", "sandbox", "config", "doctor", "repl", "completions", "version" }

local commands = {}

--- All commands.
---@return reseller.cli.Command[]
function commands.all()
  local all = {}
  for _, name in ipairs(NAMES) do
    local module = require("reseller.cli.commands." .. name)
    for _, command in ipairs(module.name and { module } or module) do all[#all + 1] = command end
  end
  return all
end

return commands
