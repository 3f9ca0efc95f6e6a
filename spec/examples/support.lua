--- Runs examples as a user does: against a sandbox, with a home folder of their own.
local clients = require "spec.support.clients"
local reseller = require "reseller"
local script = require "spec.support.script"

local support = {}

local Home = {}
Home.__index = Home

--- A new home folder: no ledger in it, and nothing used of the limit.
function support.home() return setmetatable({ path = script.folder() }, Home) end

function Home:remove() script.remove(self.path) end

--- The name of a file in it.
function Home:file(name) return self.path .. "/" .. name end

--- Writes a file in it.
---@return string path
function Home:write(name, text)
  local file = assert(io.open(self:file(name), "wb"))
  file:write(text)
  file:close()
  return self:file(name)
end

--- What is in a file in it; nil when there is none.
function Home:read(name)
  local file = io.open(self:file(name), "rb")
  local text = file and file:read "*a"
  if file then file:close() end
  return text
end

--- The variables under which an example runs.
function Home:variables(box)
  local variables = script.paths()
  variables.RESELLER_SANDBOX, variables.HOME = box and box.url, self.path
  return variables
end

--- Runs an example. What earlier runs used of the limit is forgotten: waiting for it takes a minute.
---@param name string without examples/ and .lua
---@param box table|nil
---@param ... string|number arguments
---@return string output of both kinds
---@return integer status
function Home:run(name, box, ...)
  os.remove(self:file ".reseller-limit")
  return script.shell("env -u RESELLER_LEDGER " .. support.command(name, ...), { variables = self:variables(box) })
end

--- An example and its arguments, as words for a shell.
function support.command(name, ...)
  local words = { script.lua, ("examples/%s.lua"):format(name) }
  for _, word in ipairs { ... } do words[#words + 1] = "'" .. tostring(word):gsub("'", [['\'']]) .. "'" end
  return table.concat(words, " ")
end

--- The entries of the ledger that examples keep.
function Home:entries(filter)
  local ledger, entries = assert(reseller.ledger.open(self:file "ledger.db")), {}
  for entry in ledger:entries(filter) do entries[#entries + 1] = entry end
  ledger:close()
  return entries
end

--- The subscriptions of Ghostealth, in the order in which they end.
function support.subscriptions(box)
  local all = {}
  for sub in clients.ghostealth(box):each_subscription { size = 100 } do all[#all + 1] = sub end
  table.sort(all, function(a, b) return a.period["end"].timestamp < b.period["end"].timestamp end)
  return all
end

--- Those of them that are active and not canceled.
function support.active(box)
  local chosen = {}
  for _, sub in ipairs(support.subscriptions(box)) do
    if sub.status == "ACTIVE" and not sub.canceled then chosen[#chosen + 1] = sub end
  end
  return chosen
end

--- One subscription as it is now.
function support.find(box, id)
  for _, sub in ipairs(support.subscriptions(box)) do
    if sub.id == id then return sub end
  end
end

--- What was charged for: subjects in order.
function support.charged(box)
  local subjects = {}
  for i, charge in ipairs(box:charges()) do subjects[i] = charge.subject end
  return subjects
end

--- How many requests of an endpoint were carried out.
function support.executed(box, endpoint)
  local count = 0
  for _, request in ipairs(box:requests()) do
    if request.endpoint == endpoint and request.executed then count = count + 1 end
  end
  return count
end

--- The date of today, for sandboxes of scripts that look at the clock.
function support.today() return os.date "!%Y-%m-%dT%H:%M:%SZ" end

return support
