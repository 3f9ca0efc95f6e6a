--- What a look tells of a call. Pure: how a call is settled comes from its row (`settle`, `view`,
--- `becomes`, and `seen` of its parameters), never from its name.
---
--- Each judgement is "done", "not" or nil, when nothing decides, and the reason in words. "Not" is only as
--- good as the look is late: what was sent may still be under way.
local field = require "reseller.ledger.look".field

local evidence = {}

--- A time as people read it.
---@param ms integer since 1970
---@return string
function evidence.time(ms)
  return os.date("!%Y-%m-%dT%H:%M:%S", math.floor(ms / 1000)) .. (".%03dZ"):format(ms % 1000)
end

--- What was asked for, by the dotted names under which a look shows it.
---@param row table
---@param body table<string, any>
---@return table<string, any>
function evidence.shape(row, body)
  local shape = {}
  for _, param in ipairs(row.params) do
    if param.seen then shape[param.seen] = body[param.name] end
  end
  return shape
end

--- Whether an item looks as asked for.
---@param shape table<string, any>
---@param item table
---@return boolean
function evidence.fits(shape, item)
  for path, value in pairs(shape) do
    if tostring(field(item, path)) ~= tostring(value) then return false end
  end
  return next(shape) ~= nil
end

--- The fields that settle calls of this row, as they are now.
---@param row table
---@param item table
---@return table<string, any>
function evidence.state(row, item)
  local state = {}
  local function keep(path) if path then state[path] = field(item, path) end end
  keep(row.view["end"])
  keep(row.becomes and row.becomes.field)
  for _, param in ipairs(row.params) do keep(param.seen) end
  return state
end

--- As `fits`, for a state that was kept.
local function fitted(shape, state)
  for path, value in pairs(shape) do
    if tostring(state[path]) ~= tostring(value) then return false end
  end
  return true
end

local judges = {}

function judges.period(row, before, _, item)
  local path = row.view["end"]
  local was, is = before[path], field(item, path)
  if type(was) ~= "number" or type(is) ~= "number" then
    return nil, "nothing shows when its period ended before, or ends now"
  end
  local ended, ends = evidence.time(was), evidence.time(is)
  if is > was then return "done", ("its period ended %s, and ends %s now"):format(ended, ends) end
  if is == was then return "not", ("its period still ends %s"):format(ends) end
  return nil, ("its period ended %s, and ends earlier now, %s"):format(ended, ends)
end

local function spelled(values)
  local names, words = {}, {}
  for path in pairs(values) do names[#names + 1] = path end
  table.sort(names)
  for i, path in ipairs(names) do words[i] = ("%s %s"):format(path:match "[^.]+$", tostring(values[path])) end
  return table.concat(words, ", ")
end

function judges.plan(_, before, shape, item)
  if fitted(shape, before) then return nil, "its plan was the same before: nothing can tell" end
  if evidence.fits(shape, item) then return "done", "its plan is the one asked for: " .. spelled(shape) end
  local was = {}
  for path in pairs(shape) do was[path] = before[path] end
  if evidence.fits(was, item) then return "not", "its plan is still the old one: " .. spelled(was) end
  return nil, "its plan is neither the old one nor the one asked for"
end

function judges.status(row, before, _, item)
  local path, value = row.becomes.field, row.becomes.value
  local was, is = tostring(before[path]), tostring(field(item, path))
  if was == value then return nil, ("%s was %s before: nothing can tell"):format(path, value) end
  if is == value then return "done", ("%s was %s, and is %s now"):format(path, was, is) end
  if is == was then return "not", ("%s is still %s"):format(path, is) end
  return nil, ("%s was %s, and is %s now"):format(path, was, is)
end

--- Judges a call on something that was there before.
---@param row table
---@param before table<string, any>|nil its state then
---@param shape table<string, any> what was asked for
---@param item table|nil as it is now
---@return "done"|"not"|nil verdict
---@return string words
function evidence.of_change(row, before, shape, item)
  if not item then return nil, "it is not in the list" end
  if not before then return nil, "it was not looked at before" end
  return judges[row.settle](row, before, shape, item)
end

--- The items that stand before the first one that was known, or nil and why that cannot be told.
local function new_items(known, seen)
  local is_known, items = {}, {}
  for _, id in ipairs(known) do is_known[id] = true end
  if not seen:is_newest_first() then return nil, "the list is not in the order of its ids" end
  for _, item in ipairs(seen.items) do
    if is_known[tostring(item.id)] then return items end
    items[#items + 1] = item
  end
  if not seen.whole then return nil, "two pages of the list show nothing that was known before" end
  return items
end

--- Judges a call that makes something new.
---@param known string[]|nil ids of the newest ones before
---@param shape table<string, any>
---@param seen reseller.ledger.Look
---@param is_owned fun(id: string): boolean whether another call made it
---@return "done"|"not"|nil verdict
---@return string words
---@return table|nil item what was made
function evidence.of_new(known, shape, seen, is_owned)
  if not known then return nil, "the list was not looked at before" end
  local items, why = new_items(known, seen)
  if not items then return nil, why end
  local found = {}
  for _, item in ipairs(items) do
    if evidence.fits(shape, item) and not is_owned(tostring(item.id)) then found[#found + 1] = item end
  end
  if #found == 0 then return "not", "there is nothing new of that shape: " .. spelled(shape) end
  if #found > 1 then return nil, ("there are %d new ones of that shape that nobody owns"):format(#found) end
  return "done", ("%s is new, of that shape, and made by no other call"):format(tostring(found[1].id)), found[1]
end

--- The price that a look shows for a call: that of the thing itself, or of another one of that shape.
---@param row table
---@param subject string
---@param shape table<string, any>
---@param seen reseller.ledger.Look
---@return integer? amount minor units
---@return string? currency
function evidence.price(row, subject, shape, seen)
  local view = row.view
  if not view.price then return nil end
  local shown = next(shape) == nil and seen:item(subject) or nil
  for _, item in ipairs(seen.items) do
    if not shown and evidence.fits(shape, item) then shown = item end
  end
  local amount = shown and field(shown, view.price)
  if type(amount) ~= "number" or amount % 1 ~= 0 then return nil end
  return amount, view.currency and field(shown, view.currency)
end

return evidence
