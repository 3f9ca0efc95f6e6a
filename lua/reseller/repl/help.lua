--- What `help` says, made from the rows of the endpoint table.
local core = require "reseller.core"
local nearest = require "reseller.nearest"
local pages = require "reseller.pages"
local reply = require "reseller.reply"
local terms = require "reseller.ledger.terms"

local MARGIN = 24 -- of what stands beside a parameter's name

local help = {}

local effects = {
  read = "read: asks, changes nothing", write = "write: may be repeated without harm",
  transition = "transition: changes a state; asks first; sent at most once",
  spend = "spend: costs money; asks first; sent at most once",
}

local results = {
  one = "a table", many = "a list; each_… walks over all pages", confirmed = "a table with `success` and `message`",
  nothing = "an empty table: look again to see the new state",
}

local term_docs = {
  key = { "text", "your own name for it: the same key again sends nothing (needs a ledger)" },
  expect_end = { "ms since 1970", "only if the period still ends then" },
}

local function positional(param) return param.place == "path" and not param.option end

local function words_of(param)
  if param.choices then
    local texts = {}
    for i, choice in ipairs(param.choices) do texts[i] = tostring(choice) end
    return (param.type == "list" and "list of " or "") .. table.concat(texts, ", ")
  end
  if param.max then return ("%s, %d to %d"):format(param.type, param.min, param.max) end
  if param.min then return ("%s, from %d"):format(param.type, param.min) end
  return param.type == "string" and "text" or param.type
end

local function is_optional(param) return param.option or param.default ~= nil or not param.required end

--- The names of the rest of the parameters as Lua has them: page[size] goes in page = { size = … }.
local function rest_of(row)
  local names, groups, at = {}, {}, {}
  for _, param in ipairs(row.params) do
    local group, inner = param.name:match "^(.-)%[(.-)%]$"
    if group and at[group] then
      table.insert(groups[group], inner .. "?")
    elseif group then
      names[#names + 1] = group
      at[group], groups[group] = #names, { inner .. "?" }
    elseif not positional(param) then
      names[#names + 1] = param.name .. (is_optional(param) and "?" or "")
    end
  end
  for group, index in pairs(at) do names[index] = ("%s? = { %s }"):format(group, table.concat(groups[group], ", ")) end
  return names
end

--- How a row is called.
---@param row table
---@param client string the name of a client
---@return string
function help.signature(row, client)
  local first, rest = {}, rest_of(row)
  for _, param in ipairs(row.params) do
    if positional(param) then first[#first + 1] = param.name end
  end
  if reply.once(row.effect) then
    for _, name in ipairs(terms.of(row)) do rest[#rest + 1] = name .. "?" end
  end
  local braces = #rest > 0 and "{ " .. table.concat(rest, ", ") .. " }" or nil
  local call = ("%s:%s"):format(client, row.id)
  if #first == 0 and braces then return call .. " " .. braces end
  first[#first + 1] = braces
  return ("%s(%s)"):format(call, table.concat(first, ", "))
end

local function padded(name) return name .. (" "):rep(math.max(1, MARGIN - #name)) end

local function parameter_lines(lines, row)
  for _, param in ipairs(row.params) do
    local unless = param.default ~= nil and ("; %s unless given"):format(tostring(param.default))
      or not is_optional(param) and "; needed" or ""
    lines[#lines + 1] = ("  %s%s%s"):format(padded(param.name), words_of(param), unless)
    lines[#lines + 1] = (" "):rep(MARGIN + 2) .. param.doc
  end
  for _, name in ipairs(reply.once(row.effect) and terms.of(row) or {}) do
    lines[#lines + 1] = ("  %s%s"):format(padded(name), term_docs[name][1])
    lines[#lines + 1] = (" "):rep(MARGIN + 2) .. term_docs[name][2]
  end
end

--- All that is known of a call.
---@param row table
---@param client string the name of a client
---@return string
function help.row(row, client)
  local lines = { help.signature(row, client), "  " .. row.doc, "" }
  lines[#lines + 1] = "  effect   " .. effects[row.effect]
  lines[#lines + 1] = "  returns  " .. results[row.result] .. "; or nil and an error"
  if row.paging then
    lines[#lines + 1] = ("  pages    for item in %s:%s {…} do … end"):format(client, pages.name(row.id))
  end
  lines[#lines + 1] = "  sends    " .. row.method .. " " .. row.path
  lines[#lines + 1] = "  source   " .. row.source
  if #row.params > 0 or reply.once(row.effect) then lines[#lines + 1] = "" end
  parameter_lines(lines, row)
  return table.concat(lines, "\n")
end

local function first_sentence(text) return text:match "^(.-%.)%s" or text end

local function call_line(name, effect, doc) return ("  %-26s%-11s%s"):format(name, effect, doc) end

--- The calls of a platform, one a line.
---@param platform string
---@param client string the name of a client
---@return string
function help.platform(platform, client)
  local known = core.platforms()[platform]
  local lines = { ("%s: the calls of `%s`. help(%s.NAME) tells more."):format(known.title, client, client) }
  for _, row in ipairs(core.endpoints()) do
    if row.platform == platform then
      lines[#lines + 1] = call_line(row.id, row.effect, first_sentence(row.doc))
      if row.paging then
        lines[#lines + 1] = call_line(pages.name(row.id), row.effect, "Iterates over all pages of that list.")
      end
    end
  end
  lines[#lines + 1] = call_line("request", "spend", "What is not in this list; `effect = \"read\"` makes it a read.")
  return table.concat(lines, "\n")
end

help.OVERVIEW = [[
Type Lua; what an expression gives is printed, and kept in `_`.
  help(gs), help(ap)            the calls of a client
  help(gs.renew_subscription)   one call; help "renew_subscription" too
  all(gs:each_subscription())   all items of all pages, as a list; all(…, 20) the first 20
  reveal(value)                 prints a value with its secrets
  repl.confirm = false          what spends or changes a state does not ask any more
  repl.depth = 6                how many tables deep results are shown
  repl.traceback = true         errors come with a traceback
Tab completes, Ctrl-C drops the line or the call that runs, Ctrl-D leaves.]]

--- The rows of a name: of a call, or of an iterator.
---@param name string
---@return table[]
function help.find(name)
  local found = {}
  for _, row in ipairs(core.endpoints()) do
    if row.id == name or row.paging and pages.name(row.id) == name then found[#found + 1] = row end
  end
  return found
end

--- What to say of a name that is none.
---@param name string
---@return string
function help.unknown(name)
  local names = {}
  for platform in pairs(core.platforms()) do names[#names + 1] = platform end
  for _, row in ipairs(core.endpoints()) do names[#names + 1] = row.id end
  local near = nearest(name, names)
  local hint = near and ("did you mean %s?"):format(near) or "help() tells what there is"
  return ("there is no call %q; %s"):format(name, hint)
end

return help
