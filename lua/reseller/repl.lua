--- A prompt with clients at hand: `reseller repl`, or from plain Lua
---
---     lua5.4 -e 'require("reseller.repl").run()'
---
--- Loading this module does nothing. Results print as tables, errors as one line; what spends money or changes a
--- state asks first. Lines of a pipe are run as a script.
local environment = require "reseller.repl.environment"
local gate = require "reseller.repl.gate"
local history = require "reseller.repl.history"
local interrupt = require "reseller.repl.interrupt"
local profile = require "reseller.repl.profile"
local reader = require "reseller.repl.reader"
local reseller = require "reseller"
local secrets = require "reseller.repl.secrets"
local session = require "reseller.repl.session"
local show = require "reseller.repl.show"
local view = require "reseller.repl.view"
local world = require "reseller.cli.world"

local DEPTH = 4

local repl = {}

---@class reseller.repl.Options
---@field clients? { gs?: reseller.Client, ap?: reseller.Client } instead of those of the profile
---@field profile? string name of a profile in config.lua
---@field context? table of the command, when it starts the prompt
---@field world? reseller.cli.World
---@field confirm? boolean false: what spends or changes a state does not ask
---@field env? table the globals; those of Lua unless given

--- The clients, from wherever they are to come.
local function find_profile(options, here)
  if options.clients then return profile.of_clients(options.clients) end
  if options.context then return profile.of_context(options.context) end
  -- The command's own modules are written for Lua 5.4 and not loaded on other ones.
  local ok, contexts = pcall(require, "reseller.cli")
  if not ok then return profile.of_environment() end
  return profile.of_context(contexts.new(here, { profile = options.profile }))
end

--- A line about what is there.
local function banner(here, found)
  local words = {}
  for _, platform in ipairs { "ghostealth", "activeplatform" } do
    local name, client = environment.CLIENTS[platform], found.clients[platform]
    words[#words + 1] = client and ("%s is %s"):format(name, client.base_url)
      or ("no %s (%s)"):format(name, found.missing[platform])
  end
  here.err:write(("reseller %s; %s.\n"):format(reseller.version, table.concat(words, "; ")),
    view.paint(here, "faint", "help() tells what there is; Ctrl-D leaves."), "\n")
end

--- What reads lines, by where they come from.
local function open_reader(here, env, interrupts, path)
  if not here.input_is_terminal then return reader.piped(here.input) end
  local options = { input = here.input, out = here.out, err = here.err, env = env, interrupts = interrupts,
    history = history.open(path) }
  return reader.edited(options) or reader.terminal(options)
end

local function agrees(answer) return type(answer) == "string" and answer:lower():find "^%s*y" ~= nil end

--- Whether a call that may be made once only may be made now; why not.
local function permit(self, words)
  if not self.show.settings.confirm then return nil end
  if not self.is_terminal then
    return "it would ask first, but the input is no terminal (start with --yes, or set repl.confirm = false)"
  end
  if not agrees(self.reader:ask(self.secrets:mask(words) .. " Go on? [y/N] ")) then return "not confirmed" end
end

--- Puts questions before the calls of all clients.
---@return fun() open
local function close_gates(self, found)
  local openers = {}
  local rules = {
    permit = function(words) return permit(self, words) end,
    began = function(row) self:began(row) end,
    ended = function(row) self:ended(row) end,
  }
  for platform in pairs(environment.CLIENTS) do
    openers[#openers + 1] = gate.close(profile.any(found, platform), rules)
  end
  return function()
    for _, open in ipairs(openers) do open() end
  end
end

--- Sets names among the globals.
---@return fun() undo
local function add_names(env, found, shown)
  local names, before = environment.names(env, shown), {}
  names.reseller, names.ledger = reseller, found.ledger
  for platform, name in pairs(environment.CLIENTS) do names[name] = found.clients[platform] end
  for name, value in pairs(names) do
    before[name] = { rawget(env, name) }
    env[name] = value
  end
  return function()
    for name, old in pairs(before) do env[name] = old[1] end
  end
end

local function missing_words(found)
  local words = {}
  for platform, why in pairs(found.missing) do
    local name = environment.CLIENTS[platform]
    words[name] = ("there is no %s: %s"):format(name, why)
  end
  return words
end

local function new_session(options, here, found)
  local env, known = options.env or _G, secrets.new()
  for _, client in pairs(found.clients) do known:know(client) end
  local settings = environment.settings { confirm = options.confirm ~= false, depth = DEPTH, traceback = false }
  local shown = show.new { world = here, secrets = known, settings = settings, env = env,
    missing = missing_words(found) }
  local interrupts = here.input_is_terminal and interrupt.heard() or interrupt.plain()
  return session.new { env = env, secrets = known, show = shown, interrupts = interrupts, after = found.after,
    is_terminal = here.input_is_terminal, reader = open_reader(here, env, interrupts, found.history) }
end

--- Runs a prompt until its input ends.
---@param options? reseller.repl.Options
---@return integer exit 0, or 1 when lines of a pipe failed
function repl.run(options)
  options = options or {}
  local here = options.world or world.real()
  local found = find_profile(options, here)
  local self = new_session(options, here, found)
  local remove_names = add_names(self.env, found, self.show)
  local open_gates = close_gates(self, found)
  if self.is_terminal then banner(here, found) end
  local ok, all = pcall(self.loop, self)
  if self.is_terminal then here.err:write "\n" end
  open_gates()
  remove_names()
  self.interrupts:stop()
  if not ok then error(all, 0) end
  return (self.is_terminal or all) and 0 or 1
end

return repl
