--- What both databases have in common: values made safe, rows by name, transactions, the schema.
---
--- A database is a driver with `connect()`, the statements `begin` and `prepare`, and `now_ms(store)`.
--- Faults of the database are raised as a table with `fault`; whoever opens a transaction catches them.
local core = require "reseller.core"
local schema = require "reseller.ledger.schema"

---@class reseller.ledger.Store
---@field driver_ table
---@field connection_ table?
local Store = { __name = "reseller.ledger.store" }
Store.__index = Store

-- Connections inherited by a fork: neither used nor closed, which would disturb the parent's.
local inherited = {}

local function fail(words) error({ fault = words }, 0) end

local function clean(message)
  return (tostring(message):gsub("^LuaSQL: ", ""):gsub("error executing query%. ", ""):gsub("%s+", " "):gsub(" $", ""))
end

--- A value as SQL text. What no database takes, such as the words of a server gone mad, must not keep the rest
--- from being recorded.
local function literal(connection, value)
  if value == nil then return "NULL" end
  if type(value) == "number" then return ("%.0f"):format(value) end
  value = value:gsub("%z", "?")
  if not core.valid_utf8(value) then value = value:gsub("[\128-\255]", "?") end
  return "'" .. connection:escape(value) .. "'"
end

--- Puts values in place of the question marks.
local function bind(connection, sql, ...)
  local values, at = { ... }, 0
  return (sql:gsub("%?", function()
    at = at + 1
    return literal(connection, values[at])
  end))
end

local function typed(row)
  for name in pairs(schema.integers) do row[name] = row[name] and tonumber(row[name]) end
  return row
end

--- Runs one statement.
---@param sql string with a question mark for each value
---@return integer|userdata affected rows, or a cursor
function Store:execute(sql, ...)
  local result, why = self.connection_:execute(bind(self.connection_, sql, ...))
  if not result then fail(clean(why)) end
  return type(result) == "number" and math.floor(result) or result
end

--- Runs a question.
---@return table[] rows by name
function Store:query(sql, ...)
  local cursor, rows = self:execute(sql, ...), {}
  if type(cursor) == "number" then return rows end
  local row, why = cursor:fetch({}, "a")
  while row do
    rows[#rows + 1] = typed(row)
    row, why = cursor:fetch({}, "a")
  end
  cursor:close()
  if why then fail(clean(why)) end
  return rows
end

--- The only row of a question.
---@return table?
function Store:one(sql, ...) return self:query(sql, ...)[1] end

function Store:connect_()
  if self.connection_ and self.pid_ ~= self.driver_.pid() then
    inherited[#inherited + 1] = self.connection_
    self.connection_ = nil
  end
  if self.connection_ then return end
  local connection, why = self.driver_.connect()
  if not connection then fail(clean(why)) end
  self.connection_, self.pid_ = connection, self.driver_.pid()
  local ok, fault = pcall(self.driver_.prepare, self)
  if ok then return end
  self:disconnect()
  error(fault, 0)
end

--- Closes the connection; the next transaction opens another one.
function Store:disconnect()
  if self.connection_ then pcall(self.connection_.close, self.connection_) end
  self.connection_ = nil
end

--- Undoes what was begun. A connection to a server that cannot even do that is lost; a file stays open.
function Store:roll_back_()
  if not pcall(self.execute, self, "ROLLBACK") and not self.driver_.keeps then self:disconnect() end
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

--- Runs a function with the database to itself. All that it did is durable when this returns. When this
--- raises nothing was done, unless a server was lost in the middle of the commit.
---@param fn function
---@return any ... what the function returned
function Store:transaction(fn)
  self:connect_()
  return settle(self, pcall(function()
    for _, sql in ipairs(self.driver_.begin) do self:execute(sql) end
    return fn()
  end))
end

--- Milliseconds since 1970, on the clock that all users of the ledger share.
---@return integer
function Store:now_ms() return self.driver_.now_ms(self) end

local store = {}

--- The driver of a path or address.
local function driver_of(where, options)
  local name = where:find "^postgres%w*://" and "postgres" or "sqlite"
  return require("reseller.ledger." .. name)(where, options)
end

--- Opens a database and brings its schema up to date.
---@param where string a file, or postgres://…
---@param options table
---@return reseller.ledger.Store? store
---@return string? why nil
function store.open(where, options)
  local driver, why = driver_of(where, options)
  if not driver then return nil, why end
  driver.pid = core.pid
  local self = setmetatable({ driver_ = driver }, Store)
  local ok, fault = pcall(self.transaction, self, function() schema.migrate(self) end)
  if ok then return self end
  self:disconnect()
  if type(fault) ~= "table" or not fault.fault then error(fault, 0) end
  return nil, fault.fault
end

return store
