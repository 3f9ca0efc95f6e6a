--- The command line: made with argparse from the list of commands, with help and suggestions of our own.
local argparse = require "argparse"
local exit = require "reseller.cli.exit"
local help = require "reseller.cli.help"
local nearest = require "reseller.nearest"

---@class reseller.cli.Command
---@field name string
---@field summary string
---@field description? string
---@field examples? string for --help
---@field group? "daily"|"platform"|"tools"
---@field data? boolean whether it prints data, so that --json and the like are told in its help
---@field configure? fun(parser: table, tools: reseller.cli.Tools)
---@field run fun(context: reseller.cli.Context): integer?
---@field commands? reseller.cli.Command[] of a family, such as those of `ledger`

---@class reseller.cli.Tools
---@field choices fun(element: table, name: string, list: any[]) makes an option or argument take one of a list

local MAX_WIDTH = 100

local Parser = {}
Parser.__index = Parser

local parser = {}

local function raise_help(command) error({ help = command }, 0) end

local KEY_HINT = "others could read it in the list of processes: set GHOSTEALTH_API_KEY or ACTIVEPLATFORM_API_TOKEN, "
  .. "or write api_key_file or api_key_command into config.lua"

local function refuse_key(option) exit.misuse(("%s: keys are never given as a flag"):format(option), KEY_HINT) end

--- Makes an option or an argument take one of a list, in any case of letters. argparse's own `choices` are set for
--- help and completions only: it would refuse before a better word could be suggested.
local function choose(self)
  return function(element, name, list)
    local texts = {}
    for i, value in ipairs(list) do texts[i] = tostring(value) end
    self.choices_[#self.choices_ + 1] = { element = element, texts = texts }
    element:convert(function(text)
      for _, value in ipairs(texts) do
        if value:lower() == text:lower() then return value end
      end
      local near = nearest(text, texts)
      local hint = near and ("did you mean %s?"):format(near) or nil
      local words = "%s: expected one of %s, got %q"
      exit.misuse(words:format(name, table.concat(texts, ", "), text), hint)
    end)
  end
end

--- Options of every command that prints data.
local function add_output_options(root, elements)
  local function flag(name, words) elements[#elements + 1] = root:flag(name, words) end
  flag("--json", "Print JSON: an array, or one object.")
  flag("--jsonl", "Print JSON Lines: an object a line, as they come. Into a pipe this is the default.")
  flag("--csv", "Print CSV.")
  flag("--table", "Print a table. On a terminal this is the default.")
  elements[#elements + 1] = root:option("--columns", "Show these fields only, as in id,status,plan.title.")
    :argname "NAMES"
  flag("--show-secrets", "Do not mask keys and passwords in what is printed.")
  root:mutex(table.unpack(elements, 1, 4))
end

local SETTINGS = {
  { "--profile", "NAME", "Use this profile of config.lua." },
  { "--config", "FILE", "Read this file instead of ~/.config/reseller/config.lua." },
  { "--timeout", "SECONDS", "Longest time for one call." },
  { "--patience", "SECONDS", "Longest wait for the limit of requests." },
  { "--retries", "N", "How often a call that may be repeated is repeated." },
  { "--ledger", "FILE", "The ledger, instead of the one under ~/.local/state/reseller." },
}

local function add_root_options(self, root)
  local output, settings = {}, {}
  add_output_options(root, output)
  for i, option in ipairs(SETTINGS) do settings[i] = root:option(option[1], option[3]):argname(option[2]) end
  settings[#settings + 1] = root:flag("-q --quiet", "Say less on standard error.")
  settings[#settings + 1] = root:flag("-V --version", "Print the version.")
    :action(function() error({ version = true }, 0) end)
  for _, name in ipairs(self.visible_only_ and {} or { "--api-key", "--api-token" }) do
    root:option(name):args("?"):hidden(true):action(function() refuse_key(name) end)
  end
  self.output_ = output
  root:group("Output", table.unpack(output))
  root:group("Settings", table.unpack(settings))
end

local function add_help_option(command)
  command:add_help { name = "-h --help", description = "Show this help.", action = function() raise_help(command) end }
end

--- Adds a command, and those of its family.
local function add_command(self, parent, spec, prefix)
  local full = prefix .. " " .. spec.name
  local command = parent:command(spec.name):summary(spec.summary):description(spec.description or spec.summary)
  command:target("command:" .. full)
  self.closing_[command] = help.examples(spec.examples)
  add_help_option(command)
  self.specs_[full], self.full_[command] = spec, full
  if spec.configure then spec.configure(command, self.tools_) end
  if spec.commands then
    command:command_target("path:" .. full):require_command(true)
    for _, inner in ipairs(spec.commands) do add_command(self, command, inner, full) end
  end
  if spec.data then command:group("Output", table.unpack(self.output_)) end
  self.names_[parent] = self.names_[parent] or {}
  table.insert(self.names_[parent], spec.name)
  return command
end

--- The nearest word; the dashes that options have in common do not count.
local function nearest_of(word, names)
  local bare, by_bare = {}, {}
  for i, name in ipairs(names) do
    bare[i] = name:gsub("^%-+", "")
    by_bare[bare[i]] = name
  end
  return by_bare[nearest(word:gsub("^%-+", ""), bare)]
end

--- Tells in our words what argparse found wrong.
local function misuse(self, command, message)
  local full = self.full_[command] or "reseller"
  message = message:gsub("\n.*", "")
  local kind, word = message:match "^unknown (%a+) '(.*)'$"
  local names = kind == "command" and self.names_[command] or kind == "option" and help.options(command, self.root)
  local near = names and nearest_of(word, names)
  local hint = ("`%s --help` tells what there is"):format(full)
  if near then hint = ("did you mean %s?"):format(near) end
  exit.misuse(message, hint)
end

local function new_root(columns)
  local root = argparse "reseller":description(help.DESCRIPTION):command_target "path:reseller"
  local most = math.min(columns, MAX_WIDTH)
  root:help_max_width(most):usage_max_width(most):help_description_margin(30)
  root:usage "Usage: reseller <command> [options]"
  add_help_option(root)
  return root
end

--- Adds all commands, in groups.
local function add_commands(self, root, commands)
  local groups = {}
  for _, spec in ipairs(commands) do
    local group = spec.group or "tools"
    groups[group] = groups[group] or {}
    table.insert(groups[group], add_command(self, root, spec, "reseller"))
  end
  for _, group in ipairs(help.GROUPS) do
    if groups[group.name] then root:group(group.title, table.unpack(groups[group.name])) end
  end
end

--- Makes the parser.
---@param commands reseller.cli.Command[]
---@param columns integer width of the terminal
---@param how? {visible_only?: boolean} without what --help does not tell
---@return table
function parser.new(commands, columns, how)
  local self = setmetatable({ visible_only_ = how and how.visible_only, choices_ = {}, closing_ = {}, specs_ = {},
    full_ = {}, names_ = {} }, Parser)
  self.tools_ = { choices = choose(self) }
  local root = new_root(columns)
  self.root, self.full_[root], self.closing_[root] = root, "reseller", help.EPILOG
  add_root_options(self, root)
  add_commands(self, root, commands)
  function root.error(command, message) misuse(self, command, message) end
  return self
end

--- The command that a result is for.
local function find(self, result)
  local full = "reseller"
  while result["path:" .. full] do full = full .. " " .. result["path:" .. full] end
  return self.specs_[full]
end

--- Lets argparse know the choices, for help and completions.
function Parser:reveal()
  for _, choice in ipairs(self.choices_) do choice.element:choices(choice.texts) end
end

local function text_of(self, command)
  self:reveal()
  return help.arrange(command:get_help()) .. "\n\n" .. self.closing_[command]
end

--- Parses the words of a command line. Raises a fault for misuse, `{ help = text }` when that was asked for, and
--- `{ version = true }`.
---@param words string[]
---@return reseller.cli.Command command
---@return table flags
function Parser:parse(words)
  local ok, result = pcall(self.root.parse, self.root, words)
  if ok then return find(self, result), result end
  if type(result) == "table" and result.help then error({ help = text_of(self, result.help) }, 0) end
  error(result, 0)
end

--- The help of all commands.
---@return string
function Parser:help() return text_of(self, self.root) end

return parser
