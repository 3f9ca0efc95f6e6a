--- reseller runs: the changes that were begun, how far they came, and what is left of them.
local exit = require "reseller.cli.exit"
local nearest = require "reseller.nearest"
local runs = require "reseller.cli.runs"

local LIST = { { path = "run", whole = true }, { path = "begun", kind = "time" }, { path = "state", kind = "status" },
  { path = "rows" }, { path = "done" }, { path = "failed" }, { path = "unknown" }, { path = "left" },
  { path = "chosen" } }
local ROWS = { { path = "id", whole = true }, { path = "outcome", kind = "status" }, { path = "entry" },
  { path = "error" } }

local function line_of(run)
  local counts, total = run.counts, 0
  for _, count in pairs(counts) do total = total + count end
  return { run = run.id, begun = run.made_ms, state = run.worker and "running" or run.state, rows = total,
    done = counts.done or 0, failed = counts.failed or 0, unknown = counts.unknown or 0, left = run.left,
    skipped = counts.skipped or 0, chosen = run.words, endpoint = run.endpoint, worker = run.worker }
end

local function list(context, store)
  local lines = {}
  for i, run in ipairs(store:list()) do lines[i] = line_of(run) end
  return context:show(lines, { columns = LIST, noun = "runs" })
end

local function show(context, store, id)
  local run = store:find(id)
  if not run then
    local names = {}
    for i, other in ipairs(store:list()) do names[i] = other.id end
    local near = nearest(id, names)
    exit.fail(("there is no run %s"):format(id), near and ("did you mean %s?"):format(near)
      or "`reseller runs` shows all")
  end
  local lines = {}
  for i, row in ipairs(run.rows) do
    lines[i] = { id = row.made or row.subject, outcome = row.outcome, entry = row.entry, error = row.error,
      key = row.key }
  end
  return context:show(lines, { columns = ROWS })
end

local function run(context)
  local store = runs.open(context.settings:state_file "runs.db")
  if context.flags.run then return show(context, store, context.flags.run) end
  return list(context, store)
end

return {
  name = "runs", summary = "Show which changes were begun, and what is left of them.", group = "tools", data = true,
  configure = function(command) command:argument("run", "Show the rows of this run."):argname "RUN":args "?" end,
  examples = "  reseller runs\n  reseller runs renew-20260310-063048-4f2a --csv",
  run = run,
}
