--- One connection to a ledger's database: values made safe, rows by name, numbers as numbers.
---
--- A database is a driver with `connect()`, the statements `begin` and `prepare`, and `now_ms(connection)`. Faults of
--- the database are raised as a table with `fault`.
local core = require "reseller.core"
local schema = require "reseller.ledger.schema"

---@class reseller.ledger.Connection
---@field begin string[] the statements that begin a transaction
---@field keeps boolean? a connection that cannot roll back is still good
---@field stays boolean? what it holds is in this process only
local Connection = { __name = "reseller.ledger.connection" }
Connection.__index = Connection

-- Connections inherited by a fork: neither used nor closed, which would disturb the parent's.
local inherited = {}

local function fail(words) error({ fault = words }, 0) end

local function clean(message)
  return (tostring(message):gsub("^LuaSQL: ", ""):gsub("error executing query%. ", ""):gsub("%s+", " "):gsub(" $", ""))
end

--- A value as SQL text. What no database takes, such as the words of a server gone mad, must not keep the rest
--- from being recorded.
local function literal(handle, value)
  if value == nil then return "NULL" end
  if type(value) == "number" then return ("%.0f"):format(value) end
  value = value:gsub("%z", "?")
  if not core.valid_utf8(value) then value = value:gsub("[\128-\255]", "?") end
  return "'" .. handle:escape(value) .. "'"
end

--- Puts values in place of the question marks.
local function bind(handle, sql, ...)
  local values, at = { ... }, 0
  return (sql:gsub("%?", function()
    at = at + 1
    return literal(handle, values[at])
  end))
end

local function typed(row)
  for name in pairs(schema.integers) do row[name] = row[name] and tonumber(row[name]) end
  return row
end

--- Runs one statement.
---@param sql string with a question mark for each value
---@return integer|userdata affected rows, or a cursor
function Connection:execute(sql, ...)
  local result, why = self.handle_:execute(bind(self.handle_, sql, ...))
  if not result then fail(clean(why)) end
  return type(result) == "number" and math.floor(result) or result
end

--- Runs a question.
---@return table[] rows by name
function Connection:query(sql, ...)
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
function Connection:one(sql, ...) return self:query(sql, ...)[1] end

--- Connects, unless it is.
function Connection:connect()
  if self.handle_ and self.pid_ ~= core.pid() then
    inherited[#inherited + 1] = self.handle_
    self.handle_ = nil
  end
  if self.handle_ then return end
  local handle, why = self.driver_.connect()
  if not handle then fail(clean(why)) end
  self.handle_, self.pid_ = handle, core.pid()
  local ok, fault = pcall(self.driver_.prepare, self)
  if ok then return end
  self:disconnect()
  error(fault, 0)
end

--- Closes it; it can be connected anew.
function Connection:disconnect()
  if self.handle_ then pcall(self.handle_.close, self.handle_) end
  self.handle_ = nil
end

--- Milliseconds since 1970, on the clock that all users of the ledger share.
---@return integer
function Connection:now_ms() return self.driver_.now_ms(self) end

local connection = {}

--- A connection to a path or address, not connected yet.
---@param where string a file, or postgres://…
---@param options table `busy`: seconds to wait for other processes; `wall`: the time of day
---@return reseller.ledger.Connection? connection
---@return string? why nil
function connection.new(where, options)
  local name = where:find "^postgres%w*://" and "postgres" or "sqlite"
  local driver, why = require("reseller.ledger." .. name)(where, options)
  if not driver then return nil, why end
  local fields = { driver_ = driver, begin = driver.begin, keeps = driver.keeps, stays = driver.stays }
  return setmetatable(fields, Connection)
end

return connection
