--- The manual page reseller(1), made from the commands and options that --help tells.
---
---     io.write(require("reseller.cli.man").page())
local commands = require "reseller.cli.commands"
local exit = require "reseller.cli.exit"
local help = require "reseller.cli.help"
local known = require "reseller.cli.known"
local parser = require "reseller.cli.parser"
local roff = require "reseller.cli.roff"
local version = require "reseller.version"

local COLUMNS = 80

local DESCRIPTION = [[
Data goes to standard output, all talk to standard error. On a terminal data comes as a table, into a pipe as JSON
Lines; `--json`, `--jsonl`, `--csv` and `--table` say otherwise.

What is set by an option counts more than the environment, and that counts more than config.lua. `reseller config` shows
what is in force and where it comes from. Keys are never given as an option, because others could read them in the list
of processes.

What spends or changes something is recorded in a ledger before it is sent. When its outcome is not known it is not sent
again; `reseller ledger reconcile` looks whether it was done.]]

-- { variable, meaning }; those of the settings follow.
local VARIABLES = {
  { "RESELLER_SANDBOX", "The address of a sandbox: every call goes there, whatever the other settings say." },
  { "RESELLER_CONFIG", "The file that is read instead of config.lua." },
  { "RESELLER_PROFILE", "The profile of config.lua that is used." },
  { "XDG_CONFIG_HOME, XDG_STATE_HOME", "Where the folders named below under FILES are, instead of ~/.config and "
    .. "~/.local/state." },
  { "NO_COLOR", "When it is set, nothing is coloured." },
  { "TERM", "When it is `dumb`, nothing is coloured." },
  { "COLUMNS", "The width of tables, when they do not go to a terminal." },
  { "HTTPS_PROXY, ALL_PROXY, NO_PROXY", "The proxy, and hosts that are reached without it." },
  { "LUA_PATH_5_4, LUA_CPATH_5_4, LUA_PATH, LUA_CPATH", "Where further Lua modules are looked for. Places that name "
    .. "another version of Lua are left out." },
}

local KEYS = "Settings for %s. A name that ends in `_FILE` wants a file that holds the key and that nobody else may "
  .. "read, one in `_COMMAND` a command whose output is the key."

local FILES = {
  { "~/.config/reseller/config.lua", "Settings: a Lua file that returns a table, with `profiles` in it if you like." },
  { "~/.local/state/reseller/ledger.db", "The ledger: every call that spends or changes something. Any program for "
    .. "SQLite can read it; it holds no key." },
  { "~/.local/state/reseller/runs.db", "Bulk runs, so that one that was interrupted goes on where it was." },
  { "~/.local/state/reseller/limits", "The count of the limit of requests, which all processes of this user share." },
}

-- Of argparse's elements: what --help shows of them, in its words.
local function label_of(element)
  local parts = {}
  for _, line in ipairs(element:_get_label_lines()) do parts[#parts + 1] = line:match "^%s*(.-)%s*$" end
  return table.concat(parts, " ")
end

local function add_elements(page, elements)
  for _, element in ipairs(elements) do
    if not element._hidden then page:item(roff.label(label_of(element)), element:_get_description()) end
  end
end

local function own_options(command)
  local own = {}
  for _, option in ipairs(command._options) do
    if option._name ~= "--help" and option._name ~= "-h" then own[#own + 1] = option end
  end
  return own
end

local function usage_of(command, spec, full)
  local words = { "\\fB" .. roff.literal(full) .. "\\fR" }
  for _, argument in ipairs(command._arguments) do words[#words + 1] = roff.label(argument:_get_usage()) end
  if #own_options(command) > 0 or spec.data then words[#words + 1] = "[options]" end
  return table.concat(words, " ")
end

local function has_described(command)
  for _, argument in ipairs(command._arguments) do
    if argument:_get_description() ~= "" then return true end
  end
  return #own_options(command) > 0
end

local function add_command(page, command, spec, full)
  page:item(usage_of(command, spec, full), spec.description or spec.summary)
  if has_described(command) then
    page:indented(function()
      add_elements(page, command._arguments)
      add_elements(page, own_options(command))
    end)
  end
  if spec.examples then page:example(spec.examples, "IP") end
end

-- The commands of a list, those of families one by one.
local function add_commands(page, parent, specs, full)
  local by_name = {}
  for _, command in ipairs(parent._commands) do by_name[command._name] = command end
  for _, spec in ipairs(specs) do
    local command, name = by_name[spec.name], full .. " " .. spec.name
    if spec.commands then
      if command._arguments[1] or own_options(command)[1] then add_command(page, command, spec, name) end
      add_commands(page, command, spec.commands, name)
    else
      add_command(page, command, spec, name)
    end
  end
end

local function of_group(specs, name)
  local group = {}
  for _, spec in ipairs(specs) do
    if (spec.group or "tools") == name then group[#group + 1] = spec end
  end
  return group
end

local function add_root_options(page, root)
  for _, group in ipairs(root._groups) do
    if group[1] and group[1]._aliases and group[1]._name:sub(1, 1) == "-" then
      page:subsection(group.name)
      add_elements(page, group)
    end
  end
end

local function add_exit_codes(page)
  for code, words in exit.TEXT:gmatch "(%d+) +([^\n]+)" do page:item("\\fB" .. code .. "\\fR", words) end
end

local function add_pairs(page, list)
  for _, pair in ipairs(list) do page:item("\\fB" .. roff.names(pair[1]) .. "\\fR", pair[2]) end
end

-- The variables for settings that a text can stand for.
local function variables_of(set, platform)
  local names = {}
  for _, name in ipairs(known.names(set)) do
    if set[name] ~= "limit" and set[name] ~= "cap" then names[#names + 1] = known.variable(name, platform) end
  end
  return names
end

local function add_variables(page)
  add_pairs(page, VARIABLES)
  for _, platform in ipairs(known.platforms) do
    add_pairs(page, { { table.concat(variables_of(known.platform[platform], platform), ", "), KEYS:format(platform) } })
  end
  local general = variables_of(known.common)
  for _, name in ipairs(variables_of(known.single)) do general[#general + 1] = name end
  add_pairs(page, { { table.concat(general, ", "), "Settings; `reseller config` shows them." } })
end

local function examples() return (help.EPILOG:match "^Examples:\n(.-)\n\n") end

local man = {}

--- The page, in the macros of man(7).
---@param specs? reseller.cli.Command[] all there are, unless given
---@return string
function man.page(specs)
  specs = specs or commands.all()
  local made = parser.new(specs, COLUMNS)
  made:reveal()
  local page = roff.new("reseller", 1, "reseller " .. version)
  page:section "Name"
  page:line "reseller \\- run a reseller business from the shell"
  page:section "Synopsis"
  page:line "\\fBreseller\\fR \\fIcommand\\fR [options]"
  page:section "Description"
  page:paragraphs(help.DESCRIPTION .. "\n\n" .. DESCRIPTION)
  page:section "Commands"
  for _, group in ipairs(help.GROUPS) do
    page:subsection(group.title)
    add_commands(page, made.root, of_group(specs, group.name), "reseller")
  end
  page:section "Options"
  add_root_options(page, made.root)
  page:section "Exit status"
  add_exit_codes(page)
  page:section "Environment"
  add_variables(page)
  page:section "Files"
  add_pairs(page, FILES)
  page:section "Examples"
  page:example(examples())
  page:section "See also"
  page:line "\\fBlua5.4\\fR(1), \\fBcurl\\fR(1), \\fBjq\\fR(1), and the README beside the module."
  return page:text()
end

return man
