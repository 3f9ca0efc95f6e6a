--- The commands that change subscriptions of Ghostealth: their options, and what is chosen by them.
local choose = require "reseller.cli.choose"
local core = require "reseller.core"
local exit = require "reseller.cli.exit"
local gate = require "reseller.cli.gate"
local parameters = require "reseller.cli.parameters"
local plan = require "reseller.cli.plan"
local select = require "reseller.cli.select"

local PLATFORM = "ghostealth"
local MOST_NEW = 1000

local change = {}

local function row_of(id)
  for _, row in ipairs(core.endpoints()) do
    if row.id == id then return row end
  end
  error("no endpoint " .. id)
end

--- The row as a command takes it: ids are read by the command, and --continue needs no values.
local function options_of(row)
  local copy = { id = row.id, effect = row.effect, settle = row.settle, params = {} }
  for _, param in ipairs(row.params) do
    local own = setmetatable({ required = false }, { __index = param })
    if param.place ~= "path" then table.insert(copy.params, own) end
  end
  return copy
end

local function configure(row)
  return function(command, tools)
    if row.settle ~= "new" then
      command:argument("ids", "Ids of subscriptions (su_…)."):argname "ID":args "*"
      command:option("--from", "Those in this file: one id a line, or the first column of a CSV; - is standard input.")
        :argname "FILE"
      select.configure(command)
    else
      command:option("--count", "How many to buy (1 unless given)."):argname "N"
    end
    parameters.configure(command, options_of(row), tools)
    gate.configure(command)
  end
end

local function read_count(context)
  local text = context.flags.count or "1"
  local count = math.tointeger(tonumber(text))
  if count and count >= 1 and count <= MOST_NEW then return count end
  exit.misuse(("--count: expected a whole number from 1 to %d, got %q"):format(MOST_NEW, text), "as in --count 5")
end

--- What of the ways to choose was used.
local function ways_of(flags)
  local ways = {}
  if #flags.ids > 0 then ways[#ways + 1] = "ids" end
  if flags.from then ways[#ways + 1] = "--from" end
  if flags.where and #flags.where > 0 or flags.expiring_within then ways[#ways + 1] = "a selection" end
  return ways
end

local function check_ways(row, flags)
  local ways, verb = ways_of(flags), plan.words(row).verb
  if #ways == 0 then
    exit.misuse(("which subscriptions to %s?"):format(verb),
      ("as in `reseller %s ID`, `reseller %s --from FILE`, or with --where or --expiring-within"):format(verb, verb))
  end
  if #ways > 1 then
    exit.misuse(("%s and %s: they cannot be used together"):format(ways[1], ways[2]), "choose in one way only")
  end
end

--- The words in which a selection was made.
local function words_of_selection(flags)
  local parts = {}
  for _, condition in ipairs(flags.where or {}) do parts[#parts + 1] = "--where " .. condition end
  if flags.expiring_within then parts[#parts + 1] = "--expiring-within " .. flags.expiring_within end
  if flags.limit then parts[#parts + 1] = "--limit " .. flags.limit end
  return table.concat(parts, " ")
end

local function cut(chosen, options)
  if options.limit then chosen.list = table.move(chosen.list, 1, math.min(options.limit, #chosen.list), 1, {}) end
  return chosen
end

--- Refuses what is given for one when there are several.
local function check_single(count, params, expect_end)
  if count == 1 or not params.key and not expect_end then return end
  exit.misuse(("%s: expected one subscription, got %d"):format(params.key and "--key" or "--expect-end", count),
    "give one id, or leave the option out: each of several gets a key of its own")
end

local function by_ids(asked, params, chosen, words)
  local context, row, client = asked.context, asked.row, asked.client
  local rest = {}
  for name, value in pairs(params) do rest[name] = value end
  rest.key, rest.expect_end = nil, nil
  check_single(#chosen.list, params, params.expect_end)
  asked.subjects, asked.words, asked.key, asked.params = chosen.list, words, params.key, rest
  asked.rows = function()
    local rows = choose.by_ids(context, client, row, rest, chosen)
    if params.expect_end then rows[1].expect_end = params.expect_end end
    return rows
  end
end

local function by_selection(asked, params)
  check_single(2, params, params.expect_end)
  asked.words, asked.params = words_of_selection(asked.context.flags), params
  asked.rows = function() return choose.by_selection(asked.context, asked.client, asked.row, params) end
end

local function something_new(asked, params)
  local count, rest = read_count(asked.context), {}
  for name, value in pairs(params) do rest[name] = value end
  rest.key = nil
  asked.key, asked.params, asked.words = params.key, rest, ("--count %d"):format(count)
  asked.rows = function() return choose.new(asked.context, asked.client, asked.row, rest, count) end
end

--- Whether what the change sets can be set at all.
local function check_params(asked)
  local arguments = asked.row.settle ~= "new" and { asked.subjects and asked.subjects[1] or "su_0" } or {}
  local fault = plan.fault(asked.client, asked.row, arguments, asked.params)
  if fault then exit.misuse(fault, ("`%s --help` tells what it takes"):format(asked.command)) end
end

--- Finds out what is asked for.
local function read(context, row)
  local flags, verb = context.flags, plan.words(row).verb
  local asked = { context = context, row = row, command = "reseller " .. verb, client = context:client(PLATFORM) }
  local _, params = parameters.read(options_of(row), flags)
  if flags["continue"] then
    if row.settle ~= "new" and #ways_of(flags) > 0 or next(params) or flags.new then
      exit.misuse("--continue goes on with what was chosen before", "leave everything else out but --yes and --dry-run")
    end
    return asked
  end
  if row.settle == "new" then something_new(asked, params)
  else
    check_ways(row, flags)
    local options = select.read(context)
    if flags.from then
      by_ids(asked, params, cut(choose.read_file(context, flags.from), options), "--from " .. flags.from)
    elseif #flags.ids > 0 then
      by_ids(asked, params, cut(choose.read_words(flags.ids), options), table.concat(flags.ids, " "):sub(1, 60))
    else
      by_selection(asked, params)
    end
  end
  check_params(asked)
  return asked
end

--- Makes a command of an endpoint.
---@param spec {endpoint: string, summary: string, description?: string, examples: string}
---@return reseller.cli.Command
function change.command(spec)
  local row = row_of(spec.endpoint)
  return {
    name = plan.words(row).verb, summary = spec.summary, description = spec.description, examples = spec.examples,
    group = "daily", data = true, configure = configure(row),
    run = function(context) return gate.run(read(context, row)) end,
  }
end

return change
