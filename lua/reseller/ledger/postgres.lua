--- A ledger in PostgreSQL, for processes on several hosts.

local LOCK = 7379016234 -- of all ledgers in one database; any number that nobody else uses

local required = {
  { "fsync", "on", "the server runs with fsync off: what it commits can be lost" },
  { "full_page_writes", "on", "the server runs with full_page_writes off: what it commits can be lost" },
  { "standard_conforming_strings", "on", "standard_conforming_strings cannot be switched on" },
}

local function prepare(busy)
  return function(store)
    store:execute "SET client_min_messages = warning"
    store:execute "SET standard_conforming_strings = on"
    store:execute "SET synchronous_commit = on"
    store:execute "SET default_transaction_read_only = off"
    store:execute "SET client_encoding = 'UTF8'"
    store:execute(("SET lock_timeout = %d"):format(busy * 1000))
    for _, setting in ipairs(required) do
      local row = store:one("SELECT current_setting(?) AS value", setting[1])
      if row.value ~= setting[2] then error({ fault = setting[3] }, 0) end
    end
  end
end

--- The server's clock: the hosts' own may differ.
local function now_ms(store)
  return store:one("SELECT floor(extract(epoch from clock_timestamp()) * 1000)::bigint AS now_ms").now_ms
end

---@param address string postgres://user:password@host/database
---@param options table with `busy`, seconds to wait for other processes
---@return table|nil driver
---@return string? why nil
return function(address, options)
  local ok, luasql = pcall(require, "luasql.postgres")
  if not ok then
    return nil, "LuaSQL for PostgreSQL is missing (Debian: lua-sql-postgres; LuaRocks: luasql-postgres)"
  end
  local environment
  return {
    begin = { "BEGIN", ("SELECT pg_advisory_xact_lock(%d)"):format(LOCK) },
    prepare = prepare(options.busy),
    now_ms = now_ms,
    connect = function()
      environment = environment or luasql.postgres()
      return environment:connect(address)
    end,
  }
end
