--- The tables of a ledger, by version. A step, once released, is never changed: others follow it.
local schema = {}

--- Columns that hold integers, which PostgreSQL's driver hands over as text.
schema.integers = {
  id = true, revision = true, since_ms = true, lease_ms = true, sends = true, pid = true, started = true,
  turn = true, amount = true, version = true, count = true, priced = true, next = true, now_ms = true,
}

local steps = {
  { [[CREATE TABLE reseller_entries (
    id BIGINT PRIMARY KEY,
    revision BIGINT NOT NULL,
    at TEXT NOT NULL,
    account TEXT NOT NULL,
    platform TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    effect TEXT NOT NULL,
    subject TEXT NOT NULL,
    parameters TEXT NOT NULL,
    state_before TEXT,
    caller_key TEXT,
    verdict TEXT NOT NULL CHECK (verdict IN ('intent', 'sent', 'done', 'refused', 'unknown')),
    kind TEXT,
    evidence TEXT,
    changed TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    sends BIGINT NOT NULL,
    amount BIGINT,
    currency TEXT,
    made TEXT,
    result TEXT,
    host TEXT NOT NULL,
    pid BIGINT NOT NULL,
    started BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    lease_ms BIGINT NOT NULL)]],
    "CREATE UNIQUE INDEX reseller_entries_revision ON reseller_entries (revision)",
    "CREATE INDEX reseller_entries_subject ON reseller_entries (account, subject)",
    "CREATE INDEX reseller_entries_verdict ON reseller_entries (account, verdict)",
    "CREATE INDEX reseller_entries_made ON reseller_entries (account, made)",
    "CREATE INDEX reseller_entries_day ON reseller_entries (account, at)",
    "CREATE INDEX reseller_entries_run ON reseller_entries (host, pid, started)",
    "CREATE INDEX reseller_entries_keys ON reseller_entries (account, caller_key)",
    [[CREATE UNIQUE INDEX reseller_entries_key ON reseller_entries (account, caller_key)
      WHERE caller_key IS NOT NULL AND verdict <> 'refused']],
    -- One at a time: what guards a subject between processes, whatever else goes wrong.
    [[CREATE UNIQUE INDEX reseller_entries_open ON reseller_entries (account, subject)
      WHERE verdict IN ('intent', 'sent', 'unknown')]] },
}

schema.version = #steps

--- Applies the steps that the database has not seen. Inside a transaction.
---@param store reseller.ledger.Store
function schema.migrate(store)
  store:execute "CREATE TABLE IF NOT EXISTS reseller_ledger (version BIGINT NOT NULL)"
  local row = store:one "SELECT max(version) AS version FROM reseller_ledger"
  local version = row and row.version or 0
  if version > #steps then
    error({ fault = ("made by a newer release (its version is %d, this one knows %d)"):format(version, #steps) }, 0)
  end
  for number = version + 1, #steps do
    for _, sql in ipairs(steps[number]) do store:execute(sql) end
    store:execute("INSERT INTO reseller_ledger (version) VALUES (?)", number)
  end
end

return schema
