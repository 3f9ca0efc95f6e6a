--- Chooses rows: --where, --expiring-within and --limit, for lists and for whatever is done to many at once.
local duration = require "reseller.cli.duration"
local exit = require "reseller.cli.exit"
local fields = require "reseller.cli.fields"
local pages = require "reseller.pages"
local views = require "reseller.cli.views"
local when = require "reseller.cli.when"
local where = require "reseller.cli.where"

local LOOKED_AT = 20 -- rows, before a field that none has is taken for a mistake
local PAGES_AHEAD = 4

---@class reseller.cli.Selection
---@field where reseller.cli.Condition[]
---@field within? number seconds
---@field limit? integer
---@field now number seconds since 1970
---@field page_size? integer

local select = {}

--- Adds the options to a command.
---@param command table of argparse
---@param how? {expiring?: boolean} false leaves --expiring-within out
function select.configure(command, how)
  command:option("--where", "Only rows of which this is true, as in status=ACTIVE; also != < <= > >=; may be repeated.")
    :argname "CONDITION":count "*"
  if not (how and how.expiring == false) then
    command:option("--expiring-within", "Only what ends within this time from now, such as 7d, 12h or 30m.")
      :argname "TIME"
  end
  command:option("--limit", "At most so many rows."):argname "N"
end

local function read_within(text)
  if not text then return nil end
  local seconds = duration.parse(text)
  if seconds then return seconds end
  local hint = tonumber(text) and ("did you mean %sd?"):format(text) or "as in --expiring-within 7d"
  exit.misuse(("--expiring-within: expected %s, got %q"):format(duration.EXPECTED, text), hint)
end

local function read_limit(text)
  if not text then return nil end
  local limit = math.tointeger(tonumber(text))
  if limit and limit >= 0 then return limit end
  exit.misuse(("--limit: expected a whole number, got %q"):format(text), "as in --limit 10")
end

--- What the command line chooses.
---@param context reseller.cli.Context
---@return reseller.cli.Selection
function select.read(context)
  local flags, conditions = context.flags, {}
  for i, text in ipairs(flags.where or {}) do conditions[i] = where.parse(text) end
  return { where = conditions, within = read_within(flags.expiring_within), limit = read_limit(flags.limit),
    now = context.world.time() }
end

local function expires(row, options, ends)
  local at = when.parse(fields.get(row, ends))
  return at ~= nil and at >= options.now and at <= options.now + options.within
end

local function fits(row, options, ends)
  local all = true
  for _, condition in ipairs(options.where) do
    if not where.fits(condition, row) then all = false end
  end
  return all and (not options.within or ends ~= nil and expires(row, options, ends))
end

--- Keeps some of the rows looked at, to tell what fields there are.
local function watch(options)
  local rows, count = {}, 0
  return function(row)
    count = count + 1
    if count <= LOOKED_AT then rows[count] = row end
    if count == LOOKED_AT then where.check_seen(options.where, rows) end
  end, function()
    if count < LOOKED_AT then where.check_seen(options.where, rows) end
  end
end

--- The rows of an iterator that are chosen. It is asked for no more than needed.
---@param rows fun(): table?
---@param options reseller.cli.Selection
---@param ends? string the field that tells when a row ends
---@return fun(): table?
function select.filter(rows, options, ends)
  local given, look, close = 0, watch(options)
  return function()
    while not options.limit or given < options.limit do
      local row = rows()
      if row == nil then return close() end
      local chosen = fits(row, options, ends)
      look(row)
      if chosen then
        given = given + 1
        return row
      end
    end
  end
end

--- How a list is asked for pages: large ones, since few requests are allowed.
local function page_params(row, options, params)
  local all = { [pages.kinds[row.paging].size] = options.page_size }
  if row.paging == "linked" and not options.limit then all.pages_ahead = PAGES_AHEAD end
  for name, value in pairs(params or {}) do all[name] = value end
  return all
end

--- The subscriptions of a platform that are chosen, page by page as they are asked for.
---@param client reseller.Client
---@param platform string
---@param options reseller.cli.Selection
---@param params? table of the list
---@return fun(): table?
function select.each(client, platform, options, params)
  local view = views.list_of(platform)
  local row = client.rows_[view.list]
  local walk = client[pages.name(view.list)](client, page_params(row, options, params))
  return select.filter(walk, options, view.ends)
end

return select
