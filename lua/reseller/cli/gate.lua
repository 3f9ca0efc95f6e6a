--- The gate before everything that spends or changes: shows what would happen, asks, carries it out through the
--- ledger, and tells what came of it.
local bulk = require "reseller.cli.bulk"
local choose = require "reseller.cli.choose"
local exit = require "reseller.cli.exit"
local plan = require "reseller.cli.plan"
local progress = require "reseller.cli.progress"
local runs = require "reseller.cli.runs"
local summary = require "reseller.cli.summary"
local telling = require "reseller.cli.telling"
local unfinished = require "reseller.cli.unfinished"

local gate = {}

---@class reseller.cli.Change what is asked for
---@field context reseller.cli.Context
---@field client reseller.Client
---@field row table of the endpoint table
---@field command string how to say it again, such as "reseller renew"
---@field words string what was chosen, for people
---@field subjects? string[] ids that the user named; nil when something else chooses
---@field key? string the caller's own name for it
---@field params? table what it sets, without key and expect_end
---@field rows fun(): reseller.cli.Row[] makes the plan, after all checks that need no look at the platform

local function open_runs(context) return runs.open(context.settings:state_file "runs.db") end

local function refuse_without_terminal(change)
  local world, flags = change.context.world, change.context.flags
  if flags.yes or flags.dry_run or world.input_is_terminal and world.err_is_terminal then return end
  exit.misuse(("%s: there is no terminal to ask on; nothing was sent"):format(change.command),
    "add --yes to do it without a question, or --dry-run to see what it would do")
end

local function agreed(change, due, is_continued)
  if change.context.flags.yes then return true end
  change.context:status(nil)
  local answer = change.context.world.ask(plan.question(change.row, due, is_continued))
  if answer and answer:lower():match "^%s*ye?s?%s*$" then return true end
  change.context:say "nothing was sent"
  return false
end

local function new_progress(change, rows)
  local context = change.context
  local world = context.world
  if context.flags.quiet then
    local function nothing() return world.err end
    world = setmetatable({ err_is_terminal = false, err = { write = nothing, flush = nothing } }, { __index = world })
  end
  local shown = progress.new { world = world, doing = plan.words(change.row).doing, total = #rows,
    eta = function(left) return plan.eta(change.client, change.row, left) end }
  for _, row in ipairs(rows) do
    if not row.again then shown:count(row.outcome) end
  end
  shown:begin()
  return shown
end

local function job_of(change, store, run, shown)
  local context = change.context
  return bulk.new { client = change.client, ledger = context:needed_ledger(), runs = store, run = run, row = change.row,
    progress = shown, sleep = function(seconds) change.client.host_.sleep(seconds) end }
end

--- Carries a run out that is written down and this process's.
local function carry_out(change, store, run)
  local context, began = change.context, change.context.world.now()
  local shown = new_progress(change, run.rows)
  context.waits = function(seconds, why) shown:wait(seconds, why) end
  context.tick = function() shown:tick() end
  local ok, how, stop = pcall(function() return job_of(change, store, run, shown):carry_out() end)
  context.waits, context.tick = nil, nil
  shown:close()
  store:leave(run)
  if not ok then error(how, 0) end
  return telling.result(change, run, how, stop, context.world.now() - began)
end

--- Goes on with a run that was begun before.
local function go_on(change, store, found)
  local context, run = change.context, store:take(found.id)
  context:say("going on with %s", unfinished.told(context, run))
  local err = job_of(change, store, run):look()
  local due = plan.due(run.rows)
  if not err then telling.plan(change, run.rows, due) end
  if err or context.flags.dry_run or #due > 0 and not agreed(change, due, true) then
    store:leave(run)
    if err then return context:fail(err) end
    if context.flags.dry_run then telling.planned(context, due) end
    return context.flags.dry_run and exit.DONE or exit.FAILED
  end
  return carry_out(change, store, run)
end

--- Whether the ledger knows a caller's key as done for all rows: then nothing will be sent.
local function is_known(change, rows)
  if not change.key then return false end
  plan.set_keys(rows, "", change.key)
  for _, row in ipairs(rows) do
    local done = false
    for entry in change.context:needed_ledger():entries { key = row.key, account = change.client.account_ } do
      done = done or entry.verdict == "done"
    end
    if not done then return false end
  end
  return true
end

local function begin(change, store, rows, given_up)
  local context = change.context
  for _, run in ipairs(given_up) do store:drop(run.id) end
  local run = { id = runs.name(plan.words(change.row).verb, context.world.time()), account = change.client.account_,
    platform = change.client.platform, endpoint = change.row.id, words = change.words, rows = rows }
  plan.set_keys(rows, run.id, change.key)
  store:start(run)
  return carry_out(change, store, run)
end

--- Ends a change of which nothing is to be sent.
local function look_only(change, rows)
  local context = change.context
  if #rows == 0 then context:say("nothing to %s", plan.words(change.row).verb) end
  if not context.flags.dry_run then
    telling.outcomes(context, rows)
    return summary.code(rows)
  end
  telling.planned(context, rows)
  return exit.DONE
end

--- Runs a change from the plan to the summary.
---@param change reseller.cli.Change
---@return integer exit
function gate.run(change)
  local context = change.context
  context:needed_ledger()
  local store = open_runs(context)
  local found, given_up = unfinished.find(change, store)
  refuse_without_terminal(change)
  if found then return go_on(change, store, found) end
  local rows = change.rows()
  local due, known = plan.due(rows), is_known(change, rows)
  if known then context:say("%s was done before", change.key) else telling.plan(change, rows, due) end
  if context.flags.dry_run or #due == 0 then return look_only(change, rows) end
  if not known and not agreed(change, due) then return exit.FAILED end
  return begin(change, store, rows, given_up)
end

--- Adds the options that go with every change.
---@param command table of argparse
---@param row? table for a command that makes one call of this endpoint; the daily ones go on with runs
function gate.configure(command, row)
  command:flag("-y --yes", "Do it without a question.")
  command:flag("-n --dry-run", "Show what would happen; send nothing that spends or changes.")
  if not row then command:flag("--continue", "Go on with an unfinished run, after Ctrl-C, a crash or failures.") end
  command:flag("--new", "Begin anew, and give up what is left of an unfinished run.")
end

--- Rows for one call of any endpoint.
local function rows_of_call(context, client, row, arguments, rest)
  if row.settle == "new" then return choose.new(context, client, row, rest, 1) end
  local ids = row.view and choose.read_words { tostring(arguments[#arguments]) }
  if ids then return choose.by_ids(context, client, row, rest, ids) end
  return { plan.bare(row, arguments, rest) }
end

--- Makes one call that spends or changes something, as the endpoint table describes it.
---@param context reseller.cli.Context
---@param client reseller.Client
---@param row table
---@param arguments any[] what goes into the path
---@param params table the rest; `key` and `expect_end` may be among it
---@return integer exit
function gate.change(context, client, row, arguments, params)
  local rest, command = {}, "reseller " .. plan.words(row).verb
  for name, value in pairs(params) do rest[name] = value end
  rest.key, rest.expect_end = nil, nil
  local fault = plan.fault(client, row, arguments, rest)
  if fault then exit.misuse(fault, "--help tells what it takes") end
  local subject = arguments[#arguments] ~= nil and tostring(arguments[#arguments]) or nil
  return gate.run { context = context, client = client, row = row, key = params.key, command = command, params = rest,
    words = subject or "one call", subjects = subject and { subject }, rows = function()
      local rows = rows_of_call(context, client, row, arguments, rest)
      rows[1].expect_end = params.expect_end or rows[1].expect_end
      return rows
    end }
end

return gate
