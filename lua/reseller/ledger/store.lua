--- A ledger's database: transactions, one at a time, on this thread or beside it, and the schema.
---
--- Faults of the database are raised as a table with `fault`; whoever opens a transaction catches them.
local beside = require "reseller.ledger.beside"
local connection = require "reseller.ledger.connection"
local host = require "reseller.host"
local schema = require "reseller.ledger.schema"

---@class reseller.ledger.Store
---@field here_ reseller.ledger.Connection
---@field link_ reseller.ledger.Connection|reseller.ledger.Beside that of the transaction under way
local Store = { __name = "reseller.ledger.store" }
Store.__index = Store

--- Runs one statement.
---@param sql string with a question mark for each value
---@return integer|userdata affected rows, or a cursor
function Store:execute(sql, ...) return self.link_:execute(sql, ...) end

--- Runs a question.
---@return table[] rows by name
function Store:query(sql, ...) return self.link_:query(sql, ...) end

--- The only row of a question.
---@return table?
function Store:one(sql, ...) return self.link_:one(sql, ...) end

--- Closes the connections; the next transaction opens another one.
function Store:disconnect()
  self.here_:disconnect()
  if self.beside_ then self.beside_:disconnect() end
end

--- Undoes what was begun. A connection to a server that cannot even do that is lost; a file stays open.
function Store:roll_back_()
  if not pcall(self.execute, self, "ROLLBACK") and not self.link_.keeps then self.link_:disconnect() end
end

local function settle(self, ok, ...)
  if not ok then
    self:roll_back_()
    error((...), 0)
  end
  local committed, fault = pcall(self.execute, self, "COMMIT")
  if committed then return ... end
  self:roll_back_()
  error(fault, 0)
end

local function run(self, link, fn)
  self.link_ = link
  link:connect()
  return settle(self, pcall(function()
    for _, sql in ipairs(link.begin) do self:execute(sql) end
    return fn()
  end))
end

--- The host's means for work beside its thread; nil where blocking holds up nobody.
local function means(self)
  local current = host.current()
  if self.here_.stays or not current.beside then return nil end
  local by, why = current.beside()
  if why then error({ fault = why }, 0) end
  return by
end

local function begun(ok, ...)
  if ok then return ... end
  error({ fault = (...) }, 0)
end

--- Runs a function with the database to itself. All that it did is durable when this returns. When this
--- raises nothing was done, unless a server was lost in the middle of the commit. Where the host has others to
--- serve, it runs to its end even if nobody waits for it any more.
---@param fn function
---@return any ... what the function returned
function Store:transaction(fn)
  local by = means(self)
  if not by then return run(self, self.here_, fn) end
  self.beside_ = self.beside_ or beside(self.here_, self.where_, self.busy_, by.ask)
  self.lock_ = self.lock_ or by.lock()
  return begun(by.outlive(function() return by.alone(self.lock_, run, self, self.beside_, fn) end))
end

--- Milliseconds since 1970, on the clock that all users of the ledger share.
---@return integer
function Store:now_ms() return self.link_:now_ms() end

local store = {}

--- Opens a database and brings its schema up to date.
---@param where string a file, or postgres://…
---@param options table `busy`: seconds to wait for other processes; `wall`: the time of day
---@return reseller.ledger.Store? store
---@return string? why nil
function store.open(where, options)
  local here, why = connection.new(where, options)
  if not here then return nil, why end
  local self = setmetatable({ here_ = here, link_ = here, where_ = where, busy_ = options.busy }, Store)
  local ok, fault = pcall(self.transaction, self, function() (options.schema or schema).migrate(self) end)
  if ok then return self end
  self:disconnect()
  if type(fault) ~= "table" or not fault.fault then error(fault, 0) end
  return nil, fault.fault
end

return store
