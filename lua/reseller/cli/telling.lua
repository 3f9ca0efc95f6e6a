--- What a change shows: its plan before it begins, its rows and its summary at the end.
local duration = require "reseller.cli.duration"
local exit = require "reseller.cli.exit"
local plan = require "reseller.cli.plan"
local summary = require "reseller.cli.summary"
local width = require "reseller.cli.output.width"

local telling = {}

local OUTCOMES = { { path = "id", whole = true }, { path = "outcome", kind = "status" }, { path = "entry" },
  { path = "error" } }
local PLANNED = { { path = "id", whole = true }, { path = "outcome", kind = "status" }, { path = "plan" },
  { path = "ends", kind = "moment", optional = true }, { path = "price", kind = "money", currency = "currency" },
  { path = "error", optional = true } }

local SHOWN_FAILED = 5

--- A line broken between words to fit a terminal; what follows the first part is indented.
local function wrapped(text, columns)
  text = width.visible(text)
  local lines, line = {}, nil
  local indent = text:match "^%s*" .. "  "
  for word in text:gmatch "%S+" do
    local longer = line and line .. " " .. word or text:match "^%s*" .. word
    if line and width.of(longer) > columns then
      lines[#lines + 1], longer = line, indent .. word
    end
    line = longer
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

local function say_line(context, text)
  local world = context.world
  context:say("%s", world.err_is_terminal and wrapped(text, world.columns - 1) or text)
end

local function say_lines(context, lines)
  for _, line in ipairs(lines) do say_line(context, line) end
end

local function show_table(context, due)
  if context.flags.dry_run and context.world.out_is_terminal then return end -- there they come as data
  local text, more = plan.table(due, context.world)
  context:say("%s", text:gsub("\n$", ""))
  if more > 0 then context:say("and %d more, which --dry-run shows", more) end
end

--- The rows of which nothing will be sent.
local function show_others(context, rows)
  local by, count = summary.by_outcome(rows), 0
  if #by.skipped > 0 then context:say("%d already as wanted: %s", #by.skipped, by.skipped[1].error) end
  for _, row in ipairs(by.failed) do
    if not row.again then
      count = count + 1
      if count <= SHOWN_FAILED then say_line(context, ("%s: %s"):format(row.subject, row.error)) end
    end
  end
  if count > SHOWN_FAILED then context:say("and %d more that failed", count - SHOWN_FAILED) end
end

--- Shows what a change would do.
---@param change reseller.cli.Change
---@param rows reseller.cli.Row[]
---@param due reseller.cli.Row[] those that are to be sent
function telling.plan(change, rows, due)
  local context = change.context
  local words, cost = plan.words(change.row), plan.cost(change.row, due)
  if #due > 0 then show_table(context, due) end
  show_others(context, rows)
  if #due == 0 then return end
  local seconds = plan.eta(change.client, change.row, #due)
  local parts = { plan.counted(#due, words) .. " to " .. words.verb }
  if cost:words() then parts[#parts + 1] = cost:words() end
  if seconds >= 1 then parts[#parts + 1] = ("about %s (limit of requests)"):format(duration.format(seconds)) end
  say_line(context, table.concat(parts, "; ") .. ".")
end

local function data_of(row)
  return { id = row.made or row.subject, outcome = row.outcome, entry = row.entry, error = row.error }
end

local function planned_of(row)
  return { id = row.subject, outcome = row.again and "planned" or row.outcome, plan = row.title, error = row.error,
    ends = row.ends, price = row.amount, currency = row.currency }
end

local function show_rows(context, rows, make, columns)
  local list = {}
  for i, row in ipairs(rows) do list[i] = make(row) end
  context:show(list, { columns = columns })
end

--- Prints a row for each call that was planned.
---@param context reseller.cli.Context
---@param rows reseller.cli.Row[]
function telling.planned(context, rows) show_rows(context, rows, planned_of, PLANNED) end

--- Prints a row for each call, with what came of it.
---@param context reseller.cli.Context
---@param rows reseller.cli.Row[]
function telling.outcomes(context, rows) show_rows(context, rows, data_of, OUTCOMES) end

--- Tells what came of a run, and how to go on.
---@param change reseller.cli.Change
---@param run reseller.cli.Run
---@param how "ended"|"stopped"|"interrupted"
---@param stop reseller.cli.Stop|nil
---@param seconds number
---@return integer exit
function telling.result(change, run, how, stop, seconds)
  local context, rows = change.context, run.rows
  local advice = summary.advice(change.row, rows, change.command .. " --continue")
  say_lines(context, summary.lines(change.row, rows, seconds))
  local shown = {}
  for _, row in ipairs(rows) do
    if how ~= "interrupted" or row.outcome ~= "left" then shown[#shown + 1] = row end
  end
  telling.outcomes(context, shown)
  if how == "interrupted" then
    context:fail(("%s was interrupted"):format(run.id), advice)
    return exit.INTERRUPTED
  end
  local code = summary.code(rows)
  if stop then context:fail(stop.words, stop.hint .. (advice and ("; then %s"):format(advice) or "")) end
  if not stop and advice then say_line(context, advice) end
  return code
end

return telling
