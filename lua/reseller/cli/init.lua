--- What a command gets to work with: settings, clients, the ledger, and ways to show data and to talk.
local duration = require "reseller.cli.duration"
local errors = require "reseller.errors"
local exit = require "reseller.cli.exit"
local ledger = require "reseller.ledger"
local output = require "reseller.cli.output"
local reseller = require "reseller"
local settings = require "reseller.cli.settings"
local ticker = require "reseller.cli.ticker"

---@class reseller.cli.Context
---@field world reseller.cli.World
---@field flags table
---@field settings reseller.cli.Settings read when first asked for
---@field parser table that read the command line
---@field waits? fun(seconds: number, why: string) told of waits instead of the person
---@field tick? fun() called about once a second of a wait
local Context = {}

local lazy = {}

function lazy.settings(self) return settings.read(self.world, self.flags) end

function Context.__index(self, name)
  if Context[name] then return Context[name] end
  local make = lazy[name]
  if not make then return nil end
  local value = make(self)
  rawset(self, name, value)
  return value
end

local context = {}

--- A context for one run of a command.
---@param world reseller.cli.World
---@param flags table of the command line
---@return reseller.cli.Context
function context.new(world, flags) return setmetatable({ world = world, flags = flags, clients_ = {} }, Context) end

--- Shows something that is true for the moment, on standard error, where that is a terminal.
---@param fmt string|nil nothing removes what is shown
function Context:status(fmt, ...)
  if not self.world.err_is_terminal or self.flags.quiet then return end
  if not fmt and not self.status_ then return end
  self.status_ = fmt ~= nil
  local text = fmt and output.clip(output.visible(fmt:format(...)), self.world.columns - 1) or ""
  self.world.err:write("\r\27[K", text):flush()
end

--- Says something to the person, on standard error.
---@param fmt string
function Context:say(fmt, ...)
  if self.flags.quiet then return end
  self:status(nil)
  self.world.err:write(output.visible(fmt:format(...), true), "\n"):flush()
end

--- Tells what went wrong, and what to do next.
---@param err string|reseller.Error|{fault: string, hint?: string, exit?: integer}
---@param hint? string
---@return integer exit
function Context:fail(err, hint)
  local words, code = tostring(err), exit.FAILED
  if getmetatable(err) == errors.class then
    hint, code = hint or exit.hint(err), exit.of(err)
  elseif type(err) == "table" and err.fault then
    words, hint, code = err.fault, hint or err.hint, err.exit or exit.FAILED
  end
  self:status(nil)
  self.world.err:write("reseller: ", output.visible(words, true), "\n")
  if hint then self.world.err:write("  ", output.visible(hint, true), "\n") end
  self.world.err:flush()
  return code
end

local reasons = { limit = "for the limit of requests", pause = "because the server asked for a pause",
  retry = "to try again", settle = "until the outcome of an earlier call can be told" }

local function on_wait(self)
  return function(seconds, why)
    if self.waits then return self.waits(seconds, why) end
    if seconds >= 1 then self:status("waiting %s %s", duration.format(seconds), reasons[why] or why) end
  end
end

--- Makes a client, turning a refusal of its options into a fault.
local function make(self, platform, with_ledger)
  local options = self.settings:client_options(platform)
  options.on_wait = on_wait(self)
  options.host = ticker(function() if self.tick then self.tick() end end)
  options.keep_null = not with_ledger or nil -- so that what is shown is what was sent
  if with_ledger then
    options.ledger = self:ledger()
    options.cap = options.ledger and self.settings:get "cap" or nil
  end
  local ok, client = pcall(reseller[platform], options)
  if ok then return client end
  if type(client) ~= "string" or client:find "interrupted!" then error(client, 0) end
  local words = tostring(client):gsub("^.-reseller%.", ""):gsub("\n.*", "")
  exit.misuse(words, "`reseller config` shows what is in force and from where")
end

--- The client of a platform, made once.
---@param platform string
---@param how? {reads?: boolean} one that only reads needs no ledger, and keeps nulls
---@return reseller.Client
function Context:client(platform, how)
  local reads = how ~= nil and how.reads == true
  local name = platform .. (reads and " reads" or "")
  if not self.clients_[name] then self.clients_[name] = make(self, platform, not reads) end
  return self.clients_[name]
end

--- The ledger, opened once; nil when the settings want none. Raises a fault when it cannot be opened.
---@return reseller.Ledger?
function Context:ledger()
  if self.ledger_ ~= nil then return self.ledger_ or nil end
  local where = self.settings:ledger_place()
  if not where then
    self.ledger_ = false
    return nil
  end
  if where:sub(1, #self.settings.state) == self.settings.state then self.settings:state_file "" end
  local opened, err = ledger.open(where, {
    grace = self.settings:get "grace", page_size = self.settings:get "page_size",
  })
  if not opened then exit.fail(err.message, "mend that, or name another file: --ledger FILE") end
  self.ledger_ = opened
  return opened
end

--- Raises a fault unless the settings want a ledger.
---@return reseller.Ledger
function Context:needed_ledger()
  return self:ledger() or exit.misuse("the settings want no ledger: `ledger = false`",
    "take that out, or use --ledger FILE")
end

--- Prints data to standard output.
---@param data any a list, an iterator of rows, or with `one` a single value
---@param spec? reseller.cli.output.Spec
---@return integer exit
function Context:show(data, spec)
  output.show(self, data, spec or {})
  return exit.DONE
end

return context
