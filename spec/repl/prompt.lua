--- What the specs of the prompt share: how it is started, with settings and state of its own.
local script = require "spec.support.script"

local prompt = {}

--- Settings without a limit, and a folder for the state.
---@return table<string, string> variables
---@return string folder to remove afterwards
function prompt.variables(url)
  local folder = script.folder()
  assert(os.execute(("mkdir -p %s/config/reseller"):format(folder)))
  local file = assert(io.open(folder .. "/config/reseller/config.lua", "w"))
  file:write "return { ghostealth = { limit = false } }\n"
  file:close()
  local variables = script.paths()
  variables.XDG_STATE_HOME, variables.XDG_CONFIG_HOME, variables.HOME = folder .. "/state", folder .. "/config", folder
  variables.RESELLER_SANDBOX = url
  return variables, folder
end

prompt.COMMAND = script.lua .. [[ -e 'os.exit(require([=[reseller.repl]=]).run())']]

--- Runs lines from a pipe.
---@param lines string[]
---@return string output
---@return integer status
function prompt.run(lines, variables, code)
  local command = code and ("%s -e '%s'"):format(script.lua, code) or prompt.COMMAND
  return script.shell(command, { variables = variables, input = table.concat(lines, "\n") .. "\n" })
end

return prompt
