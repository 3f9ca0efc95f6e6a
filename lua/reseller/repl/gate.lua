--- Makes what spends money or changes a state ask first, on all clients of a platform: those of the prompt, and
--- those that are made there.
local core = require "reseller.core"
local errors = require "reseller.errors"
local reply = require "reseller.reply"
local terms = require "reseller.ledger.terms"
local view = require "reseller.repl.view"

local MAX_VALUE = 60 -- bytes of a value in a question

local gate = {}

local function shown(value)
  local text = type(value) == "table" and "…" or view.plain(tostring(value))
  return #text > MAX_VALUE and text:sub(1, MAX_VALUE) .. "…" or text
end

--- What the call is about: its last path parameter, or the words of its name.
local function subject_of(row, count, ...)
  local at, subject = 0, nil
  for _, param in ipairs(row.params) do
    if param.place == "path" and not param.option then
      at = at + 1
      subject = at <= count and shown((select(at, ...))) or "nothing"
    end
  end
  local thing = (row.id:match "_(.*)$" or row.id):gsub("_", " ")
  return subject or "a " .. thing, at
end

--- The parameters of a call, as in "billingCycle WEEKLY, connections 100".
local function parameters_of(params)
  local texts = {}
  for name, value in pairs(type(params) == "table" and params or {}) do
    texts[#texts + 1] = ("%s %s"):format(tostring(name), shown(value))
  end
  table.sort(texts)
  return #texts > 0 and " (" .. table.concat(texts, ", ") .. ")" or ""
end

local function question(row, ...)
  local count = select("#", ...)
  local subject, positions = subject_of(row, count, ...)
  local params = parameters_of((select(positions + 1, ...)))
  local cost = row.effect == "spend" and " and costs money" or ""
  return ("This %ss %s%s%s."):format(row.id:match "^[^_]+", subject, params, cost)
end

--- A row for a request of the caller's own, nil when it only reads or writes, or is wrong.
local function row_of_request(spec)
  if type(spec) ~= "table" or not reply.once(spec.effect or "spend") then return nil end
  return { id = "request", effect = spec.effect or "spend" }
end

local function question_of_request(row, spec)
  local cost = row.effect == "spend" and " It counts as a spend." or ""
  return ("This sends %s %s.%s"):format(shown(spec.method), shown(spec.path), cost)
end

---@class reseller.repl.Permit
---@field permit fun(words: string): string? why it may not be done; nil: it may
---@field began fun(row: table) before it is done
---@field ended fun(row: table)

local function refused(client, row, why)
  local message = why .. "; nothing was sent"
  return nil, errors.new { kind = "refused", endpoint = row.id, platform = client.platform, message = message }
end

local function passed(permit, row, ok, ...)
  permit.ended(row)
  if not ok then error((...), 0) end
  return ...
end

local function carry_out(permit, row, method, ...)
  permit.began(row)
  return passed(permit, row, pcall(method, ...))
end

--- Whether the call would be refused for its parameters: then there is nothing to ask.
local function is_invalid(client, row, ...)
  local _, positions = subject_of(row, 0)
  local params = (select(positions + 1, ...))
  if params ~= nil and type(params) ~= "table" then return true end
  local rest, found = terms.take(client, row, params)
  return not found or not core.prepare(row.index, client.defaults_, rest, ...)
end

local function asking(permit, row, method)
  return function(self, ...)
    if is_invalid(self, row, ...) then return method(self, ...) end
    local why = permit.permit(question(row, ...))
    if why then return refused(self, row, why) end
    return carry_out(permit, row, method, self, ...)
  end
end

local function asking_request(permit, method)
  return function(self, spec, ...)
    local row = row_of_request(spec)
    if not row then return method(self, spec, ...) end
    local why = permit.permit(question_of_request(row, spec))
    if why then return refused(self, row, why) end
    return carry_out(permit, row, method, self, spec, ...)
  end
end

--- Puts questions before the calls of a platform that may be made once only.
---@param client reseller.Client any one of that platform
---@param permit reseller.repl.Permit
---@return fun() open takes them away again
function gate.close(client, permit)
  local methods, before = getmetatable(client).__index, {}
  local function replace(name, fn)
    before[name] = methods[name]
    methods[name] = fn
  end
  for id, row in pairs(methods.rows_) do
    if reply.once(row.effect) then replace(id, asking(permit, row, methods[id])) end
  end
  replace("request", asking_request(permit, methods.request))
  return function()
    for name, fn in pairs(before) do methods[name] = fn end
  end
end

return gate
