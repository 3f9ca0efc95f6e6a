--- What bulk changes were begun, and how far each came: a file of SQLite beside the ledger. It tells what is
--- left to do after Ctrl-C or a crash; whether a row was carried out is told by the ledger alone.
local json = require "reseller.json"
local owner = require "reseller.ledger.owner"
local store = require "reseller.ledger.store"

local BUSY_SECONDS = 10
local LEASE_MS = 15 * 60 * 1000 -- longest silence of a living process: a pause, a call and its time of grace
local KEPT_MS = 90 * 86400 * 1000 -- how long an ended run is kept

local runs = {}

local schema = {}

local TABLES = {
  [[CREATE TABLE IF NOT EXISTS runs (
    run TEXT PRIMARY KEY, account TEXT NOT NULL, platform TEXT NOT NULL, endpoint TEXT NOT NULL, words TEXT NOT NULL,
    made_ms BIGINT NOT NULL, changed_ms BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'ended', 'dropped')),
    host TEXT, pid BIGINT, started BIGINT, lease_ms BIGINT)]],
  [[CREATE TABLE IF NOT EXISTS run_rows (
    run TEXT NOT NULL, n BIGINT NOT NULL, subject TEXT NOT NULL, arguments TEXT NOT NULL, params TEXT NOT NULL,
    caller_key TEXT NOT NULL, expect_end BIGINT, title TEXT, ends BIGINT, amount BIGINT, currency TEXT,
    outcome TEXT NOT NULL, again BIGINT NOT NULL, entry BIGINT, made TEXT, error TEXT, PRIMARY KEY (run, n))]],
}

local VERSION = 1

function schema.migrate(opened)
  opened:execute "CREATE TABLE IF NOT EXISTS run_schema (version BIGINT NOT NULL)"
  local row = opened:one "SELECT version FROM run_schema"
  if row and row.version ~= VERSION then
    error({ fault = ("made by another release (version %d, this one knows %d)"):format(row.version, VERSION) }, 0)
  end
  for _, sql in ipairs(TABLES) do opened:execute(sql) end
  if not row then opened:execute("INSERT INTO run_schema (version) VALUES (?)", VERSION) end
end

---@class reseller.cli.Runs
---@field now_ms_ integer
local Runs = { __name = "reseller.cli.runs" }
Runs.__index = Runs

---@class reseller.cli.Run
---@field id string
---@field account string
---@field platform string
---@field endpoint string
---@field words string what was chosen, as the user wrote it
---@field made_ms integer
---@field changed_ms integer
---@field state "open"|"ended"|"dropped"
---@field rows reseller.cli.Row[]
---@field worker? string the process that works at it
---@field left? integer how many rows --continue would try

local function unusable(path, fault, rest)
  return { fault = ("%s cannot be used: %s; %s"):format(path, fault, rest or "nothing was sent"), exit = 1,
    hint = "it keeps what bulk changes have left to do: mend the folder or the disk, and run the command again" }
end

--- Opens the file, which is made if it is not there. Raises a fault when it cannot be used.
---@param path string
---@param system? table who the processes are, for tests
---@return reseller.cli.Runs
function runs.open(path, system)
  system = system or owner.system
  local opened, why = store.open(path, { busy = BUSY_SECONDS, wall = system.wall, schema = schema })
  if not opened then error(unusable(path, why), 0) end
  return setmetatable({ store_ = opened, system_ = system, path_ = path }, Runs)
end

--- Runs a function with the file to itself. Raises a fault when the file cannot be used.
function Runs:transaction_(fn)
  local function pass(ok, ...)
    if ok then return ... end
    local raised = ...
    if type(raised) == "table" and raised.fault and not raised.exit then
      raised = unusable(self.path_, raised.fault, "what was sent is in the ledger")
    end
    error(raised, 0)
  end
  return pass(pcall(self.store_.transaction, self.store_, function()
    self.now_ms_ = self.store_:now_ms()
    return fn()
  end))
end

--- Who works at a run, in words; nil when nobody does.
local function worker(self, run)
  local me = owner.me(self)
  if not run.pid or run.pid == me.pid and run.started == me.start and run.host == me.host then return nil end
  if owner.gone(self, run) then return nil end
  return owner.name(run)
end

-- The store takes a column called `id` for a number.
local function named(run)
  run.id, run.run = run.run, nil
  return run
end

local function decode_row(row)
  row.arguments, row.params = json.decode(row.arguments), json.decode(row.params)
  row.key, row.caller_key, row.again = row.caller_key, nil, row.again == 1
  return row
end

local function rows_of(self, id)
  local rows = self.store_:query("SELECT * FROM run_rows WHERE run = ? ORDER BY n", id)
  for _, row in ipairs(rows) do decode_row(row) end
  return rows
end

local INSERT_ROW = [[INSERT INTO run_rows (run, n, subject, arguments, params, caller_key, expect_end, title, ends,
  amount, currency, outcome, again, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)]]

local function insert_rows(self, run)
  for n, row in ipairs(run.rows) do
    row.n = n
    self.store_:execute(INSERT_ROW, run.id, n, row.subject, json.encode(json.array(row.arguments)),
      json.encode(row.params), row.key, row.expect_end, row.title, row.ends, row.amount, row.currency, row.outcome,
      row.again and 1 or 0, row.error)
  end
end

local OLD = "SELECT run FROM runs WHERE state <> 'open' AND changed_ms < ?"

local function forget_old(self)
  local before = self.now_ms_ - KEPT_MS
  self.store_:execute("DELETE FROM run_rows WHERE run IN (" .. OLD .. ")", before)
  self.store_:execute("DELETE FROM runs WHERE state <> 'open' AND changed_ms < ?", before)
end

--- Writes down a run before anything of it is sent; this process works at it.
---@param run reseller.cli.Run
function Runs:start(run)
  self:transaction_(function()
    forget_old(self)
    local me, now = owner.me(self), self.now_ms_
    run.made_ms, run.changed_ms, run.state = now, now, "open"
    self.store_:execute("INSERT INTO runs (run, account, platform, endpoint, words, made_ms, changed_ms, state, host, "
      .. "pid, started, lease_ms) VALUES (?, ?, ?, ?, ?, ?, ?, 'open', ?, ?, ?, ?)", run.id, run.account, run.platform,
      run.endpoint, run.words, now, now, me.host, me.pid, me.start, now + LEASE_MS)
    insert_rows(self, run)
  end)
end

--- The runs of an account and an endpoint that are not at their end, oldest first; `worker` names the process
--- that works at one, `left` counts the rows that --continue would try.
---@param account string
---@param endpoint string
---@return reseller.cli.Run[]
function Runs:unfinished(account, endpoint)
  return self:transaction_(function()
    local found = self.store_:query("SELECT * FROM runs WHERE account = ? AND endpoint = ? AND state = 'open' "
      .. "ORDER BY made_ms, run", account, endpoint)
    for _, run in ipairs(found) do
      named(run)
      run.worker, run.rows, run.left = worker(self, run), rows_of(self, run.id), 0
      for _, row in ipairs(run.rows) do run.left = run.left + (row.again and 1 or 0) end
    end
    return found
  end)
end

--- Takes a run over, to go on with it. Raises a fault while another process works at it.
---@param id string
---@return reseller.cli.Run
function Runs:take(id)
  return self:transaction_(function()
    local run, me = self.store_:one("SELECT * FROM runs WHERE run = ? AND state = 'open'", id), owner.me(self)
    local busy = run and worker(self, run)
    if not run or busy then
      error({ fault = run and ("%s is under way in %s; nothing was sent"):format(id, busy)
        or ("there is no unfinished run %s any more; nothing was sent"):format(id),
        hint = "wait for it; `reseller runs` shows how far it is", exit = 1 }, 0)
    end
    self.store_:execute("UPDATE runs SET host = ?, pid = ?, started = ?, lease_ms = ?, changed_ms = ? WHERE run = ?",
      me.host, me.pid, me.start, self.now_ms_ + LEASE_MS, self.now_ms_, id)
    run.rows = rows_of(self, id)
    return named(run)
  end)
end

local MINE = " WHERE run = ? AND host = ? AND pid = ? AND started = ?"

--- Says that this process is alive, and raises a fault when another one took its place.
local function renew_lease(self, run)
  local me, now = owner.me(self), self.now_ms_
  local changed = self.store_:execute("UPDATE runs SET lease_ms = ?, changed_ms = ?" .. MINE, now + LEASE_MS, now,
    run.id, me.host, me.pid, me.start)
  if changed == 1 then return end
  error({ fault = ("another process went on with %s while this one stood still"):format(run.id),
    hint = "nothing is paid twice; `reseller runs` shows how far it is", exit = 1 }, 0)
end

--- Writes down what came of a row.
---@param run reseller.cli.Run
---@param row reseller.cli.Row
function Runs:record(run, row)
  self:transaction_(function()
    renew_lease(self, run)
    self.store_:execute("UPDATE run_rows SET outcome = ?, again = ?, entry = ?, made = ?, error = ? "
      .. "WHERE run = ? AND n = ?", row.outcome, row.again and 1 or 0, row.entry, row.made, row.error, run.id, row.n)
  end)
end

--- Lets go of a run; it ends when nothing of it is left to do.
---@param run reseller.cli.Run
function Runs:leave(run)
  local left = false
  for _, row in ipairs(run.rows) do left = left or row.again end
  run.state = left and "open" or "ended"
  self:transaction_(function()
    local me = owner.me(self)
    self.store_:execute("UPDATE runs SET state = ?, changed_ms = ?, host = NULL, pid = NULL, started = NULL" .. MINE,
      run.state, self.now_ms_, run.id, me.host, me.pid, me.start)
  end)
end

--- Gives up what is left of a run that nobody works at.
---@param id string
function Runs:drop(id)
  self:transaction_(function()
    self.store_:execute("UPDATE runs SET state = 'dropped', changed_ms = ? WHERE run = ? AND state = 'open'",
      self.now_ms_, id)
  end)
end

local COUNTS = "SELECT outcome, count(*) AS count, sum(again) AS again_count FROM run_rows WHERE run = ? "
  .. "GROUP BY outcome"

--- All runs that are known, newest first, with their counts by outcome.
---@return reseller.cli.Run[]
function Runs:list()
  return self:transaction_(function()
    local all = self.store_:query "SELECT * FROM runs ORDER BY made_ms DESC, run DESC"
    for _, run in ipairs(all) do
      named(run)
      run.worker, run.counts, run.left = worker(self, run), {}, 0
      for _, sum in ipairs(self.store_:query(COUNTS, run.id)) do
        run.counts[sum.outcome], run.left = sum.count, run.left + sum.again_count
      end
    end
    return all
  end)
end

--- One run with its rows; nil when it is not known.
---@param id string
---@return reseller.cli.Run?
function Runs:find(id)
  return self:transaction_(function()
    local run = self.store_:one("SELECT * FROM runs WHERE run = ?", id)
    if not run then return nil end
    run.worker, run.rows = worker(self, run), rows_of(self, id)
    return named(run)
  end)
end

--- Closes the file.
function Runs:close() self.store_:disconnect() end

--- A name for a new run that no other one has: what it does, when, and a random end.
---@param verb string such as renew
---@param seconds number since 1970
---@return string
function runs.name(verb, seconds)
  return ("%s-%s-%06x"):format(verb, os.date("!%Y%m%d-%H%M%S", math.floor(seconds)), math.random(0, 0xffffff))
end

return runs
