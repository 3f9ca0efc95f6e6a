--- The client of this worker and its ledger: one of each, made when they are first needed. A worker is a process of
--- its own, and a database that was opened before the fork must not be used after it.
local metrics = require "desk.metrics"
local reseller = require "reseller"
local settings = require "desk.settings"

local platform = {}

local client, ledger

--- The ledger. What keeps it from opening may pass, so the next one who asks tries again.
---@return reseller.Ledger?
---@return reseller.Error? err
function platform.ledger()
  if ledger then return ledger end
  local opened, err = reseller.ledger.open(settings.ledger, { grace = settings.grace })
  if not opened then return nil, err end
  if ledger then -- somebody else was faster
    opened:close()
  else
    ledger = opened
  end
  return ledger
end

--- The ledger, for those who read: raises what keeps it from being opened.
---@return reseller.Ledger
function platform.open_ledger()
  local book, err = platform.ledger()
  if not book then error(err, 0) end
  return book
end

--- How many calls nobody knows the outcome of. Raises what keeps the ledger from being read.
---@return integer
function platform.unknowns()
  local count = 0
  for _, total in ipairs(platform.open_ledger():totals { verdict = "unknown" }) do count = count + total.count end
  return count
end

--- The client.
---@return reseller.Client?
---@return reseller.Error? err
function platform.client()
  if client then return client end
  local book, err = platform.ledger()
  if not book then return nil, err end
  client = client or reseller.ghostealth {
    ledger = book, limit = settings.limit, patience = settings.patience,
    on_event = metrics.on_event, on_wait = metrics.on_wait,
  }
  return client
end

--- Checks the settings of the client while nginx starts: raises what is wrong with them.
function platform.check() reseller.ghostealth({ limit = settings.limit }):close() end

return platform
