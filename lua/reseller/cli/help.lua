--- The words of --help that no command brings along.
local exit = require "reseller.cli.exit"

local help = {}

help.DESCRIPTION = "Run a reseller business from the shell: Ghostealth's proxy subscriptions and ActivePlatform's "
  .. "marketplace. Nothing is paid for twice: what spends goes through a ledger."

--- Groups of commands in the order in which they are told.
help.GROUPS = {
  { name = "daily", title = "Daily work" },
  { name = "platform", title = "Every call of a platform" },
  { name = "tools", title = "Tools" },
}

help.EPILOG = [[
Examples:
  reseller sandbox                           try everything without an account
  reseller account                           balance and counts
  reseller list --where status=ACTIVE        those that are active
  reseller list --expiring-within 7d --csv   for a spreadsheet
  reseller list | jq -r .id                  in a pipe: a JSON object a line
  reseller downstream --limit 20 --columns id,name,expiration_date

Exit codes:
]] .. exit.TEXT .. [[


Environment:
  GHOSTEALTH_API_KEY, or GHOSTEALTH_API_KEY_FILE
  ACTIVEPLATFORM_API_TOKEN, or ACTIVEPLATFORM_API_TOKEN_FILE
  ACTIVEPLATFORM_BASE_URL, ACTIVEPLATFORM_RESELLER_ID
  RESELLER_PROFILE, RESELLER_CONFIG, RESELLER_TIMEOUT, RESELLER_LEDGER …: see
                     `reseller config --help`
  RESELLER_SANDBOX   address of a sandbox, to which everything then goes
  NO_COLOR           no colours]]

--- Examples of one command, as its help ends with.
---@param text string|nil
---@return string
function help.examples(text)
  local more = "Options that all commands take, exit codes: reseller --help"
  return text and ("Examples:\n%s\n\n%s"):format(text:gsub("%s+$", ""), more) or more
end

local LATE = { ["Options:"] = 1, ["Output:"] = 2, ["Settings:"] = 3 }

--- Puts the blocks of argparse's help into the order of use: arguments and commands, own options, those of all.
---@param text string
---@return string
function help.arrange(text)
  local early, late = {}, {}
  for block in (text .. "\n\n"):gmatch "(.-)\n\n" do
    block = block:gsub("^Other options:", "Options:")
    local place = LATE[block:match "^[^\n]*"]
    if place then late[place] = block else early[#early + 1] = block end
  end
  for place = 1, 3 do early[#early + 1] = late[place] end
  return table.concat(early, "\n\n")
end

--- The names of the options that the help of a command and of all commands tells.
---@param command table of argparse
---@param root table
---@return string[]
function help.options(command, root)
  local names, seen = {}, {}
  for _, parser in ipairs { command, root } do
    for name in parser:get_help():gmatch "%-%-[%a][%w%-]*" do
      if not seen[name] then names[#names + 1], seen[name] = name, true end
    end
  end
  return names
end

return help
