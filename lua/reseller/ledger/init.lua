--- The ledger: what was spent and changed, recorded before it is sent.
---
--- An entry goes from `intent` to `sent`, and then to `done`, `refused` or `unknown`. Each step is on the
--- disk before the next thing happens: a process that is killed with an `intent` has sent nothing, one that
--- is killed with a `sent` may have, which a look at the platform settles.
local book = require "reseller.ledger.book"
local core = require "reseller.core"
local errors = require "reseller.errors"
local look = require "reseller.ledger.look"
local owner = require "reseller.ledger.owner"
local reconcile = require "reseller.ledger.reconcile"
local report = require "reseller.ledger.report"
local store = require "reseller.ledger.store"

local ledger = {}

---@class reseller.Ledger
---@field now_ms_ integer the ledger's clock in the transaction under way
local Ledger = { __name = "reseller.ledger" }
Ledger.__index = Ledger

---@class reseller.ledger.Options
---@field grace? number seconds after which a request that shows no effect will have none, 120
---@field fresh? number seconds for which a look at the platform is used, unless the ledger knows of a change since; 60
---@field busy? number seconds to wait for other processes that write, 10
---@field page_size? integer items a page that a look asks for; the platform's default
---@field system? table who the processes are, for tests

local defaults = { grace = 120, fresh = 60, busy = 10 }
local known = { grace = true, fresh = true, busy = true, page_size = true, system = true }

local function check_options(options, level)
  for name, value in pairs(options) do
    if not known[name] then
      local words = "reseller.ledger: unknown option `%s`; known are busy, fresh, grace, page_size"
      error(words:format(tostring(name)), level + 1)
    end
    if name == "page_size" and (type(value) ~= "number" or value < 1 or value % 1 ~= 0) then
      local words = "reseller.ledger: page_size: expected a whole number of at least 1, got %s"
      error(words:format(tostring(value)), level + 1)
    end
    if name ~= "system" and (type(value) ~= "number" or value < 0 or value >= 1e6) then
      error(("reseller.ledger: %s: expected seconds, got %s"):format(name, tostring(value)), level + 1)
    end
  end
end

local function chosen(options, name)
  if options[name] == nil then return defaults[name] end
  return options[name]
end

--- A ledger over an open store.
---@param opened reseller.ledger.Store
---@param options reseller.ledger.Options
---@return reseller.Ledger
function ledger.over(opened, options)
  return setmetatable({
    store_ = opened, system_ = options.system or owner.system, grace_ms_ = chosen(options, "grace") * 1000,
    fresh_ = chosen(options, "fresh"), page_size_ = options.page_size,
    turn_ = math.floor(core.now() * 1000), pending_ = {}, found_ = {},
    looks_ = setmetatable({}, { __mode = "k" }), begun_ = setmetatable({}, { __mode = "k" }),
  }, Ledger)
end

--- Opens a ledger: a file of SQLite, made if it is not there, or `postgres://user@host/database`.
---@param where string
---@param options? reseller.ledger.Options
---@return reseller.Ledger?
---@return reseller.Error? err
function ledger.open(where, options)
  if type(where) ~= "string" or where == "" then
    error(("reseller.ledger.open: expected the name of a file or postgres://…, got a %s"):format(type(where)), 2)
  end
  options = options or {}
  check_options(options, 2)
  local system = options.system or owner.system
  local opened, why = store.open(where, { busy = chosen(options, "busy"), wall = system.wall })
  if opened then return ledger.over(opened, options) end
  local shown = where:gsub("://.*@", "://***@"):gsub("password=[^&]*", "password=***")
  return nil, errors.new { kind = "refused", endpoint = "ledger", message = ("%s: %s"):format(shown, why) }
end

--- True for a ledger.
---@param value any
---@return boolean
function ledger.is(value) return getmetatable(value) == Ledger end

--- Writes down what could not be written before. Inside a transaction.
---@return table written
local function write_pending(self)
  local written = {}
  for _, pending in ipairs(self.pending_) do
    book.conclude(self, pending.entry, pending.outcome)
    written[pending] = true
  end
  return written
end

--- Others may have added to the list in the meantime.
local function forget(self, written)
  local left = {}
  for _, pending in ipairs(self.pending_) do
    if not written[pending] then left[#left + 1] = pending end
  end
  self.pending_ = left
end

--- Runs a function with the ledger to itself. Raises a table with `fault` when the database fails.
function Ledger:transaction_(fn)
  if self.closed_ then error({ fault = "it was closed" }, 0) end
  local written
  local function all()
    self.now_ms_ = self.store_:now_ms()
    written = write_pending(self)
    return fn()
  end
  local function after(...)
    forget(self, written)
    return ...
  end
  return after(self.store_:transaction(all))
end

local function pass(ok, ...)
  if ok then return ... end
  local raised = ...
  if type(raised) == "table" and raised.fault then return nil, raised.fault end
  error(raised, 0)
end

--- Runs a transaction for a call: what the function returns, or nil and an error to hand to the caller.
function Ledger:attempt_(client, row, fn)
  local function checked(first, ...)
    if first ~= nil then return first, ... end
    local words = ("the ledger cannot be used: %s; nothing was sent"):format(...)
    return nil, errors.new { kind = "refused", endpoint = row.id, platform = client.platform, message = words }
  end
  return checked(pass(pcall(self.transaction_, self, fn)))
end

--- Keeps what a call came to, to be written before anything else.
function Ledger:keep_(entry, outcome) self.pending_[#self.pending_ + 1] = { entry = entry, outcome = outcome } end

--- Records what a call came to. If that fails it is kept.
---@return string|nil fault
function Ledger:conclude_(entry, outcome)
  self:keep_(entry, outcome)
  local _, fault = pass(pcall(self.transaction_, self, function() return true end))
  return fault
end

--- Begins a look at what a row changes.
---@return reseller.ledger.Look? seen
---@return reseller.Error? err
function Ledger:look_(client, row)
  local revision, now_ms = self:attempt_(client, row, function() return book.revision(self), self.now_ms_ end)
  if not revision then return nil, now_ms end
  local seen = look.new(client, row.view, revision, now_ms, self.page_size_)
  self.looks_[client] = seen
  return seen
end

--- Runs a transaction for someone who reads: raises the error, as iterators do.
function Ledger:read_(fn)
  local function checked(first, fault)
    if first ~= nil then return first end
    error(errors.new { kind = "refused", endpoint = "ledger", message = "the ledger cannot be read: " .. fault }, 0)
  end
  return checked(pass(pcall(self.transaction_, self, fn)))
end

--- Iterates over entries, oldest first. Raises the error when the ledger cannot be read.
---@param filter? reseller.ledger.Filter
---@return fun(): reseller.ledger.Entry?
function Ledger:entries(filter)
  return report.entries(function(fn) return self:read_(fn) end, self.store_, filter)
end

--- Counts and sums by day (UTC), endpoint, verdict and currency. `priced` tells how many had a known price.
---@param filter? reseller.ledger.Filter
---@return reseller.ledger.Total[]
function Ledger:totals(filter)
  return report.totals(function(fn) return self:read_(fn) end, self.store_, filter)
end

--- All that was done to one subscription, as a list of entries that prints as text.
---@param subject string its id
---@return reseller.ledger.Entry[]
function Ledger:explain(subject)
  return report.explain(function(fn) return self:read_(fn) end, self.store_, tostring(subject))
end

--- Settles the unknowns of a client's account, as far as one look at the platform does.
---@param client reseller.Client
---@return {settled: integer, open: integer}? result
---@return reseller.Error? err
function Ledger:reconcile(client)
  if type(client) ~= "table" or not client.account_ then
    error("ledger:reconcile: expected a client that was made with a ledger", 2)
  end
  local entries, err = self:attempt_(client, { id = "reconcile" }, function()
    book.adopt(self, client.account_)
    return book.unknowns(self, client.account_)
  end)
  if not entries then return nil, err end
  return reconcile.all(self, client, entries)
end

--- Records what a person found out about an unknown.
---@param id integer of the entry
---@param verdict "done"|"refused"
---@param why string how that is known
---@return boolean? ok
---@return reseller.Error? err
function Ledger:settle(id, verdict, why)
  if verdict ~= "done" and verdict ~= "refused" then
    error(("ledger:settle: expected done or refused, got %s"):format(tostring(verdict)), 2)
  end
  if type(why) ~= "string" or why == "" then error("ledger:settle: expected words that tell how that is known", 2) end
  local kind = verdict == "refused" and "refused" or nil
  local changed, err = self:attempt_({}, { id = "ledger" }, function()
    return book.settle(self, id, { verdict = verdict, kind = kind, evidence = "settled by hand: " .. why })
  end)
  if changed ~= false then return changed, err end
  local message = ("entry %s is not unknown"):format(tostring(id))
  return nil, errors.new { kind = "refused", endpoint = "ledger", message = message }
end

--- Closes the database. Calls of clients with this ledger are refused from then on.
function Ledger:close()
  self.closed_ = true
  self.store_:disconnect()
end

return ledger
