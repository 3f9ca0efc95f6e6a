--- Writes the reference page of a platform.
local core = require "reseller.core"
local model = require "spec.reference.model"
local pages = require "reseller.pages"
local reply = require "reseller.reply"
local terms = require "reseller.ledger.terms"
local text = require "spec.reference.text"

local page = {}

local README = "../../../README.md"

local add, cells, code, heading = text.add, text.cells, text.code, text.heading


local function add_list(lines, items)
  for _, item in ipairs(items) do add(lines, "- " .. item) end
end

--- A type, with links to the classes of the page: code where it is no class.
local function type_cell(platform, words)
  if not words:gsub('"[^"]*"', ""):find "%f[%w]%u%l" then return code(words) end
  local linked = words:gsub("|", "\\|"):gsub("%[%]", "\\[\\]")
  return (linked:gsub("%f[%w]%u%w+", function(name)
    for _, class in ipairs(model.of(platform).classes) do
      if class.name == name then return ("[%s](#%s)"):format(name, name:lower()) end
    end
  end))
end

local function limit_of(platform)
  local limit = platform.limit
  if not limit then return "none documented" end
  local words = "%d requests in %d seconds, counted together with all other calls of the key"
  return words:format(limit.requests, limit.seconds)
end

local function result_of(row)
  local name = model.result(row)
  if not name then return "an empty table" end
  local link = ("[%s](#%s)"):format(name, name:lower())
  return row.result == "many" and "a list of " .. link or link
end

--- The names of a call's terms that are not the platform's.
local function terms_of(row) return reply.once(row.effect) and terms.of(row) or {} end

local function table_of_facts(lines, platform, row)
  local variable = model.of(row.platform).variable
  add(lines, "%s", heading("call", code(variable .. ":" .. text.signature(row.id, row, terms_of(row)))))
  add(lines, "%s", cells("request", code(row.method .. " " .. row.path)))
  add(lines, "%s", cells("effect", ("%s: %s"):format(row.effect, model.common.effects[row.effect])))
  add(lines, "%s", cells("result", result_of(row)))
  if row.paging then add(lines, "%s", cells("pages", model.common.pagings[row.paging])) end
  add(lines, "%s", cells("rate limit", limit_of(platform)))
  add(lines, "%s", cells("vendor's page", "<" .. row.source .. ">"))
end

--- The words for a term of ours, or for the pages that are fetched ahead.
local function own_parameter(name, described)
  return cells(code(name), described[1] == "string" and "text" or described[1], "none", described[2])
end

local function parameters(lines, row)
  if #row.params == 0 and #terms_of(row) == 0 then return end
  add(lines, "")
  add(lines, "%s", heading("parameter", "values", "unless given", "meaning"))
  for _, param in ipairs(row.params) do
    local given = param.default == nil and not param.option and (param.required and "needed" or "not sent") or nil
    add(lines, "%s", text.parameter(param, given))
  end
  for _, name in ipairs(terms_of(row)) do add(lines, "%s", own_parameter(name, model.common.terms[name])) end
end

local function has_id(row)
  for _, param in ipairs(row.params) do
    if param.place == "path" then return true end
  end
end

--- Errors worth knowing: kinds and when they come, nearest to this call first.
local function errors_of(row)
  local once, list = reply.once(row.effect), {}
  local function add_error(kind, when) list[#list + 1] = { kind = kind, when = when } end
  for _, one in ipairs(model.of(row.platform).calls[row.id].errors or {}) do list[#list + 1] = one end
  if once then
    add_error("unknown", "it was sent, and nothing tells whether it was carried out: look before you repeat it")
    add_error("refused", row.settle == "period"
      and "the period does not end at `expect_end`, or the ledger or its cap says no; nothing was sent"
      or "the ledger or its cap says no; nothing was sent")
  end
  if #row.params > 0 then add_error("invalid", "a parameter is wrong, `err.field` names it; nothing was sent") end
  if has_id(row) then add_error("not_found", "there is none of this id, or not for this credential") end
  return list
end

local function add_errors(lines, list)
  add(lines, "")
  add(lines, "%s", heading("error", "when"))
  for _, one in ipairs(list) do add(lines, "%s", cells(code(one.kind), one.when)) end
end

--- What any call can end with, whatever its row says.
local function add_common_errors(lines, platform)
  local limited = platform.limit and "the wait for the limit is longer than `patience`, or the server said 429"
    or "the server said 429, or asked for a pause that is longer than `patience`"
  add(lines, "\nAny call can end with these; all kinds of errors are in [the README](%s#errors).", README)
  add_errors(lines, {
    { kind = "auth", when = "401 or 403: " .. platform.credential_hint },
    { kind = "limited", when = limited },
    { kind = "network", when = "no connection, or it broke; also `timeout` and `tls`. Of what is sent once only, these "
      .. "say that it was never sent" },
    { kind = "server", when = "5xx. Of what is sent once only it is `unknown`, but for 503 with Retry-After" },
  })
end

local function example(lines, words)
  add(lines, "")
  add(lines, "```lua")
  add(lines, "%s", words)
  add(lines, "```")
end

local function call(lines, platform, row)
  local told = model.of(row.platform).calls[row.id]
  add(lines, "")
  add(lines, "### " .. row.id)
  add(lines, "")
  add(lines, "%s", row.doc)
  add(lines, "")
  table_of_facts(lines, platform, row)
  parameters(lines, row)
  local errors = errors_of(row)
  if #errors > 0 then add_errors(lines, errors) end
  example(lines, told.example)
  if told.notes then
    add(lines, "")
    add_list(lines, told.notes)
  end
end

--- The iterator that goes with a list.
local function walk(lines, row)
  local told = model.of(row.platform)
  local name = pages.name(row.id)
  add(lines, "")
  add(lines, "### " .. name)
  add(lines, "")
  local ahead = row.paging == "linked" and (", and `pages_ahead`: %s"):format(model.common.pages_ahead[2]) or ""
  add(lines, "Iterates over all pages of `%s`, no item twice; raises the error when a page fails. `%s:%s {…}` takes "
    .. "the parameters of the list%s. Each page is a request.", row.id, told.variable, name, ahead)
  example(lines, told.calls[row.id].each)
end

local function overview(lines, rows)
  add(lines, "%s", heading("call", "effect", "result"))
  for _, row in ipairs(rows) do
    add(lines, "%s", cells(("[`%s`](#%s)"):format(row.id, row.id), row.effect, result_of(row)))
    local name = row.paging and pages.name(row.id)
    if name then
      add(lines, "%s", cells(("[`%s`](#%s)"):format(name, name), row.effect, "one after the other"))
    end
  end
end

local function class(lines, platform, one)
  add(lines, "")
  add(lines, "### " .. one.name)
  add(lines, "")
  add(lines, "%s ([source](%s))", one.doc, one.source)
  add(lines, "")
  add(lines, "%s", heading("field", "type", "meaning"))
  for _, field in ipairs(model.fields(platform, one)) do
    local name = field.name .. (field.optional and "?" or "")
    add(lines, "%s", cells(code(name), type_cell(platform, field.type), field.doc))
  end
end

local function address(platform)
  local base = platform.base_url and code(platform.base_url) .. " unless `base_url` says otherwise"
    or "that of the installation: `base_url`"
  return ("The address is %s. The credential is the option `%s`, or `%s_%s` in the environment."):format(base,
    platform.credential, platform.name:upper(), platform.credential:upper())
end

--- The text of a platform's page.
---@param name string
---@return string
function page.write(name)
  local platform, told, rows, lines = core.platforms()[name], model.of(name), model.rows(name), {}
  add(lines, "# %s", platform.title)
  add(lines, "")
  add(lines, "<!-- Written by `lua5.4 spec/reference.lua`: what is changed here by hand is lost. -->")
  for _, words in ipairs(told.about) do add(lines, "\n%s", words) end
  add(lines, "\n%s Vendor's pages: <%s>.", address(platform), told.page)
  add(lines, "\nSuccess is `value, meta`, failure is `nil, err`. In the tables, `?` after a name means that it may be "
    .. "left out or may be absent. The examples run in the specs as they stand, against the sandbox, each from its start; "
    .. "`%s` is `require(\"reseller\").%s()`.", told.variable, name)
  add(lines, "\n## Calls\n")
  overview(lines, rows)
  add_common_errors(lines, platform)
  for _, row in ipairs(rows) do
    call(lines, platform, row)
    if row.paging then walk(lines, row) end
  end
  add(lines, "\n## Good to know\n")
  add_list(lines, told.notes)
  add(lines, "\n## What replies hold")
  add(lines, "\nTexts in quotes are the values that are known; where `string` stands behind them, others may come.")
  for _, one in ipairs(told.classes) do class(lines, name, one) end
  return table.concat(lines, "\n") .. "\n"
end

return page
