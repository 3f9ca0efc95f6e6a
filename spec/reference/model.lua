--- The data model: what the files beside this one tell, with whole names, and checked against the endpoint table.
local common = require "spec.reference.common"
local reseller = require "reseller"

local told = {
  ghostealth = require "spec.reference.ghostealth", activeplatform = require "spec.reference.activeplatform",
}

local model = { common = common, order = { "ghostealth", "activeplatform" } }

--- The rows of a platform.
---@param platform string
---@return reseller.Endpoint[]
function model.rows(platform)
  local rows = {}
  for _, row in ipairs(reseller.endpoints()) do
    if row.platform == platform then rows[#rows + 1] = row end
  end
  return rows
end

--- What is told of a platform: about, classes, calls, notes, page, variable.
---@param platform string
---@return table
function model.of(platform) return told[platform] end

--- The whole name of a class in the file of a platform: Plan becomes reseller.ghostealth.Plan.
---@param platform string
---@param name string
---@return string
function model.class_name(platform, name) return ("reseller.%s.%s"):format(platform, name) end

--- A type with the whole names of its classes.
---@param platform string|nil
---@param words string
---@return string
function model.whole(platform, words)
  if not platform then return words end
  return (words:gsub('"[^"]*"', function(literal) return literal:gsub("%u", "%%%0") end)
    :gsub("%f[%w%%]%u%w+", function(name) return model.class_name(platform, name) end):gsub("%%(%u)", "%1"))
end

--- A class by its name in the file of a platform.
local function class(platform, name)
  for _, one in ipairs(told[platform].classes) do
    if one.name == name then return one end
  end
  error(("%s: no class %s"):format(platform, name), 0)
end

--- The fields of a class, inherited ones first, each as { name, type, meaning, optional }.
---@param platform string
---@param one table
---@return table[]
function model.fields(platform, one)
  local fields, at = {}, {}
  local function add(field)
    local name = field[1]:gsub("%?$", "")
    at[name] = at[name] or #fields + 1
    fields[at[name]] = { name = name, type = field[2], doc = field[3] or "", optional = field[1]:find "%?$" ~= nil }
  end
  if one.extends then
    for _, field in ipairs(class(platform, one.extends)) do add(field) end
  end
  for _, field in ipairs(one) do add(field) end
  return fields
end

--- The class of what a row returns, as its page calls it; nil for one that returns an empty table.
---@param row reseller.Endpoint
---@return string|nil
function model.result(row)
  local call = told[row.platform].calls[row.id]
  if not call then error(("spec/reference/%s.lua: nothing is told of %s"):format(row.platform, row.id), 0) end
  if row.result == "nothing" then return nil end
  local name = call.result
  if not name then error(("spec/reference/%s.lua: %s: no result"):format(row.platform, row.id), 0) end
  return class(row.platform, name).name
end

--- Raises for what is told of a call that is not in the table.
function model.check()
  for _, platform in ipairs(model.order) do
    local known = {}
    for _, row in ipairs(model.rows(platform)) do known[row.id] = true end
    for id in pairs(told[platform].calls) do
      if not known[id] then error(("spec/reference/%s.lua: %s: no such endpoint"):format(platform, id), 0) end
    end
  end
end

return model
