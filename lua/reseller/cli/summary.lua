--- What a run came to: counts, money, why some failed, what to do next, and the exit code.
local duration = require "reseller.cli.duration"
local exit = require "reseller.cli.exit"
local plan = require "reseller.cli.plan"

local GROUPS, NAMED = 5, 3 -- how many reasons are told, and how many ids of each

local summary = {}

--- Rows by outcome.
---@param rows reseller.cli.Row[]
---@return table<string, reseller.cli.Row[]>
function summary.by_outcome(rows)
  local by = { done = {}, failed = {}, unknown = {}, skipped = {}, left = {} }
  for _, row in ipairs(rows) do table.insert(by[row.outcome], row) end
  return by
end

--- The exit code of a run that came to its end, or was stopped.
---@param rows reseller.cli.Row[]
---@return integer
function summary.code(rows)
  local by = summary.by_outcome(rows)
  if #by.unknown > 0 then return exit.UNKNOWN end
  if #by.failed + #by.left == 0 then return exit.DONE end
  return #by.done + #by.skipped > 0 and exit.PARTLY or exit.FAILED
end

--- Rows with the same words, most frequent first. What names its own row counts as the same.
local function grouped(rows)
  local groups, by_words = {}, {}
  for _, row in ipairs(rows) do
    local words = (row.error or "no reason is known"):gsub(row.subject:gsub("%p", "%%%0"), "ID")
    words = words:gsub("entry %d+", "entry N")
    local group = by_words[words]
    if not group then
      group = { words = row.error or words, rows = {} }
      by_words[words], groups[#groups + 1] = group, group
    end
    table.insert(group.rows, row)
  end
  table.sort(groups, function(a, b) return #a.rows > #b.rows or #a.rows == #b.rows and a.rows[1].n < b.rows[1].n end)
  return groups
end

local function named(rows)
  local ids = {}
  for i = 1, math.min(#rows, NAMED) do ids[i] = rows[i].subject end
  return table.concat(ids, ", ") .. (#rows > NAMED and ", …" or "")
end

local function add_groups(lines, rows)
  local groups = grouped(rows)
  for i = 1, math.min(#groups, GROUPS) do
    lines[#lines + 1] = ("  %d: %s (%s)"):format(#groups[i].rows, groups[i].words, named(groups[i].rows))
  end
  if #groups > GROUPS then lines[#lines + 1] = ("  and %d other reasons"):format(#groups - GROUPS) end
end

local function first_line(row, rows, by, seconds)
  local words, price = plan.words(row), plan.cost(row, by.done):words()
  local counted = #by.done == #rows and plan.counted(#rows, words)
    or ("%d of %s"):format(#by.done, plan.counted(#rows, words))
  local verb = words.did:gsub("^%l", string.upper)
  return ("%s %s%s in %s."):format(verb, counted, price and " for " .. price or "", duration.format(seconds))
end

--- The lines of a summary.
---@param row table of the endpoint table
---@param rows reseller.cli.Row[]
---@param seconds number
---@return string[]
function summary.lines(row, rows, seconds)
  local by, words = summary.by_outcome(rows), plan.words(row)
  local lines, before = { first_line(row, rows, by, seconds) }, 0
  for _, call in ipairs(by.done) do before = before + (call.replayed and 1 or 0) end
  if before == #rows and before > 0 then return { "This had been done before; nothing was sent now." } end
  if before > 0 then lines[2] = ("%d of these had been done before; nothing was sent for them now."):format(before) end
  if #by.skipped > 0 then
    lines[#lines + 1] = ("%d were as wanted already: %s"):format(#by.skipped, by.skipped[1].error or "")
  end
  if #by.failed > 0 then
    lines[#lines + 1] = ("%d failed, which were not %s:"):format(#by.failed, words.did)
    add_groups(lines, by.failed)
  end
  if #by.unknown > 0 then
    lines[#lines + 1] = ("%d unknown: sent, but nothing tells yet whether they were %s:"):format(#by.unknown, words.did)
    add_groups(lines, by.unknown)
  end
  if #by.left > 0 then lines[#lines + 1] = ("%d not tried."):format(#by.left) end
  return lines
end

--- What to do next; nil when all is done.
---@param row table of the endpoint table
---@param rows reseller.cli.Row[]
---@param command string how to go on, such as "reseller renew --continue"
---@return string?
function summary.advice(row, rows, command)
  local by, words = summary.by_outcome(rows), plan.words(row)
  local again = #plan.due(rows)
  if #by.unknown > 0 then
    return ("`%s` looks what became of the unknown, then tries what was not %s; nothing is %s twice"):format(
      command, words.did, row.effect == "spend" and "paid" or "done")
  end
  return again > 0 and ("`%s` goes on with the %d that were not %s"):format(command, again, words.did) or nil
end

return summary
