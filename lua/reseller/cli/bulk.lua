--- Carries a run out: row by row through the ledger, each outcome written down, until the end or until going on
--- makes no sense.
local plan = require "reseller.cli.plan"

local bulk = {}

local TROUBLES = 5 -- in a row, after which going on makes no sense
local LIMITED_TRIES = 5
local LONGEST_PAUSE = 900 -- seconds; whoever asks for more is better told to a person
local PAUSE = 60 -- seconds, when nobody says how long
local LONGEST_LOOK = 900 -- seconds for which one look at the list may serve a long run

-- What says no for good: --continue would get the same answer.
local final = { invalid = true, not_found = true, rejected = true }
local final_fields = { expect_end = true, key = true }

---@class reseller.cli.Stop why a run ended before its end
---@field words string
---@field hint string

--- What ends the whole run at once.
local function stop_of(err)
  if err.kind == "auth" then
    return { words = "the platform refuses the key: " .. err.message,
      hint = "mend the key (`reseller config` tells where it comes from)" }
  end
  if err.kind == "refused" and err.field == "cap" then
    return { words = err.message, hint = "raise the cap, or wait until it lets more through" }
  end
  if err.status == 402 then return { words = "the balance does not suffice: " .. err.message, hint = "top it up" } end
  if err.kind == "limited" and (err.retry_after or 0) > LONGEST_PAUSE then
    return { words = ("the platform asks for a pause of %.0f s"):format(err.retry_after), hint = "wait that long" }
  end
end

--- Whether an error is of the sort that comes in rows, when a platform or a network is down.
local function is_trouble(err)
  if final[err.kind] then return false end
  return err.kind ~= "refused" or not err.field and not err.entry
end

local troubles = {
  unknown = "the outcome of %d calls in a row is unknown: %s",
  refused = "%d calls in a row could not be recorded: %s",
}

local function stop_of_troubles(count, err)
  if count < TROUBLES then return nil end
  local unreached = "%d calls in a row could not be made: %s"
  return { words = (troubles[err.kind] or unreached):format(count, err.message),
    hint = "find out what is wrong (`reseller doctor` looks)" }
end

local function mark(row, outcome, again, err, entry)
  row.outcome, row.again, row.error, row.entry = outcome, again, err, entry or row.entry
end

--- Says of a row what an error means for it.
---@param row reseller.cli.Row
---@param err reseller.Error
function bulk.judge(row, err)
  if err.kind == "unknown" then return mark(row, "unknown", true, err.message, err.entry) end
  local stays = final[err.kind] and err.status ~= 402 or err.kind == "refused" and final_fields[err.field]
  mark(row, "failed", not stays, ("%s: %s"):format(err.kind, err.message), err.kind ~= "refused" and err.entry or nil)
end

local Job = {}
Job.__index = Job

---@class reseller.cli.Job
---@field client reseller.Client
---@field ledger reseller.Ledger
---@field runs reseller.cli.Runs
---@field run reseller.cli.Run
---@field row table of the endpoint table
---@field progress reseller.cli.Progress
---@field sleep fun(seconds: number)

--- The job of carrying out what is left of a run.
---@param job reseller.cli.Job
function bulk.new(job) return setmetatable(job, Job) end

function Job:call_(row)
  local params = { key = row.key, expect_end = row.expect_end }
  for name, value in pairs(row.params) do params[name] = value end
  local arguments = { table.unpack(row.arguments) }
  arguments[#arguments + 1] = params
  return self.client[self.row.id](self.client, table.unpack(arguments))
end

--- Waits as the platform wishes.
function Job:pause_(err)
  local seconds = (err.retry_after or PAUSE) + 1
  self.progress:wait(seconds, "pause")
  self.sleep(seconds)
end

--- Makes the call of a row, again after a pause that the limit asks for.
---@return any value
---@return table meta_or_error
function Job:try_(row)
  local value, meta
  for _ = 1, LIMITED_TRIES do
    value, meta = self:call_(row)
    if value ~= nil or meta.kind ~= "limited" or stop_of(meta) then break end
    self:pause_(meta)
  end
  return value, meta
end

local function made_of(row, value)
  return row.settle == "new" and type(value) == "table" and value.id and tostring(value.id) or nil
end

--- The last entry of a row in the ledger.
local function entry_of(job, row)
  local last
  for entry in job.ledger:entries { key = row.key, account = job.run.account } do last = entry end
  return last
end

--- A failure to look, or to wait, tells nothing of a row whose earlier call may have been carried out.
local function stays_unknown(job, row, err)
  if row.outcome == "unknown" or not row.again then return end
  local entry = entry_of(job, row)
  if entry and entry.verdict ~= "done" and entry.verdict ~= "refused" then
    mark(row, "unknown", true, err.message, entry.id)
  end
end

function Job:keep_(row)
  self.runs:record(self.run, row)
  if row.outcome ~= "left" then self.progress:count(row.outcome, true) end
end

function Job:failed_(row, err)
  bulk.judge(row, err)
  stays_unknown(self, row, err)
  local stop = stop_of(err)
  if stop and row.outcome == "failed" then row.outcome, row.again = "left", true end
  self.troubles_ = is_trouble(err) and self.troubles_ + 1 or 0
  self:keep_(row)
  return stop or stop_of_troubles(self.troubles_, err)
end

--- Carries out one row: a reason to stop, if there is one.
---@return reseller.cli.Stop?
function Job:one_(row)
  local value, meta = self:try_(row)
  if value == nil then return self:failed_(row, meta) end
  mark(row, "done", false, nil, meta.entry)
  row.made, row.replayed, self.troubles_ = made_of(self.row, value), meta.replayed, 0
  self:keep_(row)
end

--- Carries out rows.
---@return reseller.cli.Stop?
function Job:pass_(rows)
  for _, row in ipairs(rows) do
    self.at_ = row
    local stop = self:one_(row)
    if stop then return stop end
  end
  self.at_ = nil
end

--- Tells a row what the ledger knows of it by now.
---@return boolean changed
function Job:catch_up_(row)
  local entry = entry_of(self, row)
  if not entry or entry.verdict == "refused" and row.outcome ~= "unknown" then return false end
  if entry.verdict == "done" then
    mark(row, "done", false, nil, entry.id)
    row.made = entry.made
  elseif entry.verdict == "refused" then mark(row, "left", true, entry.evidence, entry.id)
  elseif row.outcome == "unknown" then return false
  else mark(row, "unknown", true, "it was under way when the run broke off", entry.id) end
  self.runs:record(self.run, row)
  return true
end

--- Looks once at what became of unknown ones, and tells all rows that were not done what the ledger knows.
---@return reseller.Error? err
function Job:look()
  local ok, err = self.ledger:reconcile(self.client)
  if not ok then return err end
  for _, row in ipairs(self.run.rows) do
    if row.again then self:catch_up_(row) end
  end
end

--- After all rows: looks at what is unknown, and tries again what turns out not to have been done.
---@return reseller.cli.Stop?
function Job:second_pass_(rows)
  local unknown, again = {}, {}
  for _, row in ipairs(rows) do
    if row.outcome == "unknown" then unknown[#unknown + 1] = row end
  end
  if #unknown == 0 or self:look() then return nil end
  for _, row in ipairs(unknown) do
    if row.outcome ~= "unknown" then self.progress:uncount "unknown" end
    if row.outcome == "left" then again[#again + 1] = row end
    if row.outcome == "done" then self.progress:count "done" end
  end
  return self:pass_(again)
end

--- Whether an error is what the interpreter raises for Ctrl-C.
---@param raised any
---@return boolean
function bulk.is_interrupt(raised) return type(raised) == "string" and raised:find "interrupted!$" ~= nil end

--- What is known of the row that was under way when the program was interrupted.
function Job:after_interrupt_()
  local row = self.at_
  if row and row.again and self:catch_up_(row) then self.progress:count(row.outcome, true) end
end

--- One look at the list serves a whole run, within bounds: otherwise most of the limit would go to looking.
local function stretch_looks(job, count)
  local seconds = 2 * plan.eta(job.client, job.row, count)
  job.ledger.fresh_ = math.max(job.ledger.fresh_, math.min(LONGEST_LOOK, seconds))
end

--- Rows in the order in which they are tried: what is unknown comes first.
local function in_order(rows)
  local first, rest = {}, {}
  for _, row in ipairs(rows) do
    if row.again then table.insert(row.outcome == "unknown" and first or rest, row) end
  end
  return table.move(rest, 1, #rest, #first + 1, first)
end

--- Carries out what is left. Raises what is neither an outcome nor Ctrl-C.
---@return "ended"|"stopped"|"interrupted" how
---@return reseller.cli.Stop? stop
function Job:carry_out()
  self.troubles_ = 0
  local due = in_order(self.run.rows)
  stretch_looks(self, #due)
  local ok, stop = pcall(function()
    return self:pass_(due) or self:second_pass_(due)
  end)
  if ok then return stop and "stopped" or "ended", stop end
  if not bulk.is_interrupt(stop) then error(stop, 0) end
  self:after_interrupt_()
  return "interrupted"
end

return bulk
