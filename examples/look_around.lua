-- Look around from a prompt:  lua5.4 -i examples/look_around.lua
--   > show(gs:get_reseller())
--   > show(first(gs:each_subscription(), { status = "SUSPENDED" }))
--   > show(ap:get_subscription(3007095, { include = { "account", "plan" } }))
-- luacheck: globals gs ap show first
local reseller = require "reseller"

-- A client with the credentials in the environment; without them, nil and a word about it.
local function client(name)
  local ok, made = pcall(reseller[name])
  if ok then return made end
  print(made)
end
gs, ap = client "ghostealth", client "activeplatform"

-- Prints a value three tables deep, secrets left out; or the error.
function show(value, err, margin)
  if type(value) ~= "table" then return print(value == nil and err or value) end
  local names = {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  margin = type(margin) == "string" and margin or ""
  for _, name in ipairs(names) do
    local item, secret = value[name], name == "apiKey" or name == "applications"
    local nested = type(item) == "table" and #margin < 4 and not secret
    local shown = secret and "***" or nested and "" or type(item) == "table" and "{...}" or tostring(item)
    print(("%s%s: %s"):format(margin, name, shown))
    if nested then show(item, nil, margin .. "  ") end
  end
end

-- The first item of an each_… that has all these fields.
function first(items, wanted)
  for item in items do
    local fits = true
    for name, value in pairs(wanted) do fits = fits and item[name] == value end
    if fits then return item end
  end
end
