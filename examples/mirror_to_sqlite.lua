-- Mirrors the subscriptions of all downstream resellers into a file of SQLite, for whatever speaks SQL:
--   ACTIVEPLATFORM_BASE_URL=… ACTIVEPLATFORM_API_TOKEN=… ACTIVEPLATFORM_RESELLER_ID=… \
--     lua5.4 examples/mirror_to_sqlite.lua mirror.db
--   sqlite3 mirror.db "SELECT status, count(*) FROM subscriptions WHERE removed IS NULL GROUP BY status"
-- Run it as often as you like: rows are updated in place, and one that is not listed any more keeps its row and gets
-- the time in `removed`. All is read first, then written in one transaction: readers see this run or the one before.
-- Needs LuaSQL (Debian: lua-sql-sqlite3). Exit codes: 0 mirrored; 1 failed, the file is as it was; 2 usage.
local luasql = require "luasql.sqlite3"
local reseller = require "reseller"

if not arg[1] then
  io.stderr:write "usage: mirror_to_sqlite.lua mirror.db\n"
  os.exit(2)
end

-- Ends the script with the error when a page cannot be read. An id that comes twice is one row.
local found, total = {}, 0
for sub in reseller.activeplatform():each_child_subscription { page = { size = 200 }, pages_ahead = 4 } do
  total = total + (found[sub.id] and 0 or 1)
  found[sub.id] = sub
end

local db = assert(luasql.sqlite3():connect(arg[1]))
local function run(sql) return assert(db:execute(sql)) end

-- Values as SQL. Ids can be integers of 64 bits, more than a number of LuaJIT holds: they go as digits. Dates and times
-- stay as they came: as text they sort.
local function integer(value)
  if value == nil then return "NULL" end
  local digits = type(value) == "number" and ("%d"):format(value) or value
  return digits:find "^%d+$" and digits or error(("expected an integer, got %q"):format(digits), 0)
end
local function text(value) return value == nil and "NULL" or "'" .. db:escape(value) .. "'" end
local function flag(value) return value and "1" or "0" end

local COLUMNS = { "account_id", "plan_id", "plan_period_id", "name", "status", "trial", "autorenew", "start_date",
  "expiration_date", "updated_at" }

local function values(sub)
  return table.concat({ integer(sub.account_id), integer(sub.plan_id), integer(sub.plan_period_id), text(sub.name),
    text(sub.status), flag(sub.trial), flag(sub.renewal_settings.autorenew), text(sub.start_date),
    text(sub.expiration_date), text(sub.updated_at) }, ", ")
end

-- Writes a row only where something differs, so that `mirrored` tells when that was.
local set, differs = {}, {}
for i, name in ipairs(COLUMNS) do
  set[i], differs[i] = ("%s = excluded.%s"):format(name, name), ("%s IS NOT excluded.%s"):format(name, name)
end
local UPSERT = ([[INSERT INTO subscriptions (id, %s, mirrored) VALUES (%%s, %%s, %%s)
  ON CONFLICT (id) DO UPDATE SET %s, mirrored = excluded.mirrored, removed = NULL
  WHERE removed IS NOT NULL OR %s]]):format(table.concat(COLUMNS, ", "), table.concat(set, ", "),
  table.concat(differs, " OR "))

run "PRAGMA busy_timeout = 10000"
run "BEGIN IMMEDIATE"
run [[CREATE TABLE IF NOT EXISTS subscriptions (id INTEGER PRIMARY KEY, account_id INTEGER, plan_id INTEGER,
  plan_period_id INTEGER, name TEXT, status TEXT, trial INTEGER, autorenew INTEGER, start_date TEXT,
  expiration_date TEXT, updated_at TEXT, mirrored TEXT NOT NULL, removed TEXT)]]

local gone = {} -- what the file has and the platform does not
local cursor = run "SELECT CAST(id AS TEXT) FROM subscriptions WHERE removed IS NULL"
for id in function() return cursor:fetch() end do gone[id] = true end
cursor:close()

local now, counts = text(os.date "!%Y-%m-%dT%H:%M:%SZ"), { new = 0, changed = 0, removed = 0 }
for id, sub in pairs(found) do
  local name = gone[id] and "changed" or "new"
  counts[name] = counts[name] + run(UPSERT:format(integer(id), values(sub), now))
  gone[id] = nil
end
for id in pairs(gone) do
  counts.removed = counts.removed + run(("UPDATE subscriptions SET removed = %s WHERE id = %s"):format(now, id))
end
run "COMMIT"
print(("%d subscriptions: %d new, %d changed, %d removed"):format(total, counts.new, counts.changed, counts.removed))
