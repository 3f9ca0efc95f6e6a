--- Unfinished runs: whether a change would repeat one, and which one --continue means.
local exit = require "reseller.cli.exit"
local plan = require "reseller.cli.plan"

local unfinished = {}

--- A run in a few words.
---@param context reseller.cli.Context
---@param run reseller.cli.Run
---@return string
function unfinished.told(context, run)
  return ("%s (%s, begun %s UTC)"):format(run.id, run.words, context.world.date("%Y-%m-%d %H:%M", run.made_ms / 1000))
end

local function set_of(list)
  local set = {}
  for _, value in ipairs(list or {}) do set[value] = true end
  return set
end

--- Whether a change might repeat what a run has begun. One whose ids are named repeats nothing of others; one with
--- a key of its own is known again by the ledger.
local function repeats(change, run)
  if not change.subjects then
    return not change.key or run.rows[1] ~= nil and run.rows[1].key:sub(1, #change.key) == change.key
  end
  local named = set_of(change.subjects)
  for _, row in ipairs(run.rows) do
    if row.again and named[row.subject] then return true end
  end
  return false
end

local function equal(a, b)
  for name, value in pairs(a) do if b[name] ~= value then return false end end
  for name, value in pairs(b) do if a[name] ~= value then return false end end
  return true
end

--- Whether a run is the very same change of one thing: then to go on with it is what was meant.
local function is_same(change, run)
  local row = run.rows[1]
  if #run.rows ~= 1 or run.worker or not equal(row.params, change.params) then return false end
  if change.key then return row.key == change.key end
  return change.subjects ~= nil and #change.subjects == 1 and row.subject == change.subjects[1]
end

local function refuse_repetition(change, run)
  local words = plan.words(change.row)
  if run.worker then
    exit.misuse(("%s is under way in %s"):format(unfinished.told(change.context, run), run.worker),
      ("wait for its end (`reseller runs %s` shows how far it is), or add --new to begin another one beside it")
        :format(run.id))
  end
  exit.misuse(("%s is unfinished: %d of %s left"):format(unfinished.told(change.context, run), run.left,
    plan.counted(#run.rows, words)), ("`%s --continue` goes on with it; --new gives it up and begins anew")
    :format(change.command))
end

--- Whether there is an unfinished run that was begun with another key.
local function is_of_other_key(change, store)
  for _, run in ipairs(store:list()) do
    local is_such = run.state == "open" and run.endpoint == change.row.id
    if is_such and run.account ~= change.client.account_ then return true end
  end
end

local function nothing_to_continue(change, store, busy)
  if busy then
    exit.fail(("%s is under way in %s"):format(unfinished.told(change.context, busy), busy.worker),
      ("wait for its end; `reseller runs %s` shows how far it is"):format(busy.id))
  end
  local hint = "`reseller runs` shows all; leave --continue out to begin one"
  if is_of_other_key(change, store) then hint = "one was begun with another key: only with that can it go on" end
  exit.misuse(("there is no unfinished run of `%s`"):format(change.command), hint)
end

--- The unfinished run that is to be gone on with; nil when a new one may begin. Raises a fault when it may not.
---@param change reseller.cli.Change
---@param store reseller.cli.Runs
---@return reseller.cli.Run? run
---@return reseller.cli.Run[]? given_up those that end when a new one begins
function unfinished.find(change, store)
  local flags, given_up = change.context.flags, {}
  for _, run in ipairs(store:unfinished(change.client.account_, change.row.id)) do
    if flags["continue"] then
      if not run.worker then return run end
      given_up.busy = run
    elseif repeats(change, run) then
      if is_same(change, run) then return run end
      if not flags.new then refuse_repetition(change, run) end
      if not run.worker then given_up[#given_up + 1] = run end
    end
  end
  if not flags["continue"] then return nil, given_up end
  nothing_to_continue(change, store, given_up.busy)
end

return unfinished
