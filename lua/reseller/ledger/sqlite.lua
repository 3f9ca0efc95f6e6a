--- A ledger in a file of SQLite, for the processes of one host.
local core = require "reseller.core"

local WAL_TRIES, WAL_PAUSE = 100, 0.05 -- switching needs the file to itself, and does not wait by itself

--- One value of a pragma, or what setting it answers.
local function pragma(store, text)
  local row = store:one("PRAGMA " .. text)
  return row and tostring(select(2, next(row)))
end

local function switch_to_wal(store)
  local fault
  for _ = 1, WAL_TRIES do
    local ok, mode = pcall(pragma, store, "journal_mode=WAL")
    if ok and mode == "wal" then return end
    fault = ok and { fault = "it cannot have a write-ahead log (journal_mode is " .. tostring(mode) .. ")" } or mode
    core.sleep(WAL_PAUSE)
  end
  error(fault, 0)
end

--- Makes the connection keep what it is told: all that is committed is on the disk.
local function prepare(busy, in_memory)
  return function(store)
    store:query(("PRAGMA busy_timeout=%d"):format(busy * 1000))
    store:execute "BEGIN IMMEDIATE" -- tells at once when the file cannot be written
    store:execute "ROLLBACK"
    if in_memory then return end
    if pragma(store, "journal_mode") ~= "wal" then switch_to_wal(store) end
    store:execute "PRAGMA synchronous=FULL"
    if pragma(store, "synchronous") ~= "2" then error({ fault = "SQLite does not take synchronous=FULL" }, 0) end
    local state = pragma(store, "quick_check(1)")
    if state ~= "ok" then error({ fault = "the file is damaged: " .. tostring(state) }, 0) end
  end
end

---@param path string
---@param options table `busy`: seconds to wait for other processes; `wall`: the time of day
---@return table|nil driver
---@return string? why nil
return function(path, options)
  local ok, luasql = pcall(require, "luasql.sqlite3")
  if not ok then return nil, "LuaSQL for SQLite is missing (Debian: lua-sql-sqlite3; LuaRocks: luasql-sqlite3)" end
  local in_memory = path == ":memory:"
  if path:find "^file:" then path = "./" .. path end -- never a URI
  local environment
  return {
    begin = { "BEGIN IMMEDIATE" },
    keeps = true,
    stays = in_memory,
    prepare = prepare(options.busy, in_memory),
    now_ms = function() return math.floor(options.wall() * 1000) end,
    connect = function()
      if not in_memory then
        local made, why = core.private_file(path)
        if not made then return nil, why end
      end
      environment = environment or luasql.sqlite3()
      return environment:connect(path)
    end,
  }
end
