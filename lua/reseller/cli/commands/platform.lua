--- reseller ghostealth …, reseller activeplatform …: a command for each row of the endpoint table.
local core = require "reseller.core"
local gate = require "reseller.cli.gate"
local known = require "reseller.cli.known"
local pages = require "reseller.pages"
local parameters = require "reseller.cli.parameters"
local reply = require "reseller.reply"
local reseller = require "reseller"
local select = require "reseller.cli.select"
local views = require "reseller.cli.views"

local function kebab(id) return (id:gsub("_", "-")) end

local function show(context, row, value)
  if type(value) ~= "table" then return context:show({ value = value }, { one = true }) end
  local columns = views.of(row.platform, row.id)
  if row.result == "many" then return context:show(value, { columns = columns }) end
  return context:show(value, { one = true, columns = columns })
end

local function call(row)
  return function(context)
    local arguments, params = parameters.read(row, context.flags)
    if reply.once(row.effect) then
      return gate.change(context, context:client(row.platform), row, arguments, params)
    end
    local client = context:client(row.platform, { reads = true })
    arguments[#arguments + 1] = params
    local value, err = client[row.id](client, table.unpack(arguments))
    if value == nil then return context:fail(err) end
    return show(context, row, value)
  end
end

local function walk(row)
  return function(context)
    local options = select.read(context)
    local arguments, params = parameters.read(row, context.flags)
    arguments[#arguments + 1] = params
    local client = context:client(row.platform, { reads = true })
    local rows = select.filter(client[pages.name(row.id)](client, table.unpack(arguments)), options)
    return context:show(rows, { columns = views.of(row.platform, row.id) })
  end
end

local function words(row) return (row.doc:gsub("`", "")) end

local function command_of(row)
  local once = reply.once(row.effect)
  return {
    name = kebab(row.id), summary = words(row), data = not once, run = call(row),
    description = ("%s\n\n%s %s, a %s. %s"):format(words(row), row.method, row.path, row.effect, row.source or ""),
    configure = function(command, tools)
      parameters.configure(command, row, tools)
      if once then gate.configure(command) end
    end,
  }
end

local function walk_of(row)
  return {
    name = kebab(pages.name(row.id)), summary = "All pages of that list.", data = true, run = walk(row),
    configure = function(command, tools)
      parameters.configure(command, row, tools)
      select.configure(command, { expiring = false })
    end,
  }
end

local function family(platform)
  local commands = {}
  for _, row in ipairs(reseller.endpoints()) do
    if row.platform == platform.name then
      commands[#commands + 1] = command_of(row)
      if row.paging then commands[#commands + 1] = walk_of(row) end
    end
  end
  local summary = ("Every call of %s."):format(platform.title)
  return { name = platform.name, summary = summary, group = "platform", commands = commands }
end

local families, platforms = {}, core.platforms()
for i, name in ipairs(known.platforms) do families[i] = family(platforms[name]) end

return families
