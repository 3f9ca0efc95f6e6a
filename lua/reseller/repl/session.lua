--- The prompt: reads a piece of Lua, runs it, shows what it came to, until there is no more.
local errors = require "reseller.errors"
local interrupt = require "reseller.repl.interrupt"

local compile_text = loadstring or load -- luacheck: ignore 113
local set_environment = setfenv -- luacheck: ignore 113
local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local PROMPT, MORE = "> ", ">> "

local function pack(...) return { n = select("#", ...), ... } end

---@class reseller.repl.Session
---@field reader reseller.repl.Reader
---@field interrupts reseller.repl.Interrupt
---@field show reseller.repl.Show
---@field secrets reseller.repl.Secrets
---@field env table
---@field is_terminal boolean
---@field under_way table[] rows of the calls that may be made once only and are being made
---@field after? fun() called when a line is done
local Session = {}
Session.__index = Session

local session = {}

---@return reseller.repl.Session
function session.new(fields)
  fields.under_way = {}
  return setmetatable(fields, Session)
end

local function compile_in(env, source)
  if not set_environment then return load(source, "=input", "t", env) end
  if source:byte() == 27 then return nil, "input:1: binary chunks are not run" end
  local chunk, why = compile_text(source, "=input")
  return chunk and set_environment(chunk, env), why
end

--- Whether more text could mend what is wrong.
local function ends_early(why) return why:find "near '?<eof>'?$" ~= nil and not why:find "unfinished string" end

--- Makes a function of a piece of Lua, an expression if it can be one.
---@param env table
---@param source string
---@return function? chunk
---@return string? why
---@return boolean? incomplete more lines may mend it
function session.compile(env, source)
  source = source:gsub("^%s*=", "return ")
  local chunk, why_no_expression = compile_in(env, "return " .. source)
  if chunk then return chunk end
  local why
  chunk, why = compile_in(env, source)
  if chunk then return chunk end
  return nil, why, ends_early(why) or ends_early(why_no_expression)
end

local function is_blank(text) return text:find "^%s*$" ~= nil end

--- Reads lines until they are a whole piece of Lua: its source and function; nil at the end; false after Ctrl-C.
function Session:read()
  local source = self.reader:line(PROMPT)
  if not source then return source end
  while true do
    if is_blank(source) then return source, function() end end
    local chunk, why, incomplete = session.compile(self.env, source)
    if chunk or not incomplete then return source, chunk, why end
    local line = self.reader:line(MORE)
    if line == false then return false end
    if not line then return source, nil, why end
    source = source .. "\n" .. line
  end
end

local function traced(raised)
  if getmetatable(raised) == errors.class then return { raised = raised } end
  return { raised = raised, traceback = type(raised) == "string" and debug.traceback("", 2):gsub("^%s+", "") or nil }
end

--- Asked when Ctrl-C comes while something runs: what may have been sent is worth a second thought.
function Session:insist()
  local row = self.under_way[#self.under_way]
  if not row or self.warned == row then return false end
  self.warned = row
  self.show:note(("%s is under way and may have been sent; Ctrl-C again gives it up"):format(row.id))
  return true
end

--- A call that may be made once only begins.
function Session:began(row) table.insert(self.under_way, row) end

--- It has ended.
function Session:ended(row)
  for i, one in ipairs(self.under_way) do
    if one == row then return table.remove(self.under_way, i) end
  end
end

--- After Ctrl-C.
function Session:abandoned()
  for _, row in ipairs(self.under_way) do
    self.show:complain(("%s: given up; it may or may not have been done"):format(row.id),
      "look at the list before you repeat it; with a ledger it is settled before the next change")
  end
  if #self.under_way == 0 then self.show:note "interrupted" end
  self.under_way, self.warned = {}, nil
end

--- Keeps the results in `_`, `_1` and `_2`.
function Session:keep(results)
  if results.n == 0 then return end
  self.env._, self.env._1, self.env._2 = results[1], results[1], results[2]
end

--- Runs a function and shows what it came to.
---@return boolean ok
function Session:evaluate(source, chunk)
  local results
  local finished = self.interrupts:run(function() results = pack(xpcall(chunk, traced)) end,
    function() return self:insist() end)
  if self.after then self.after() end
  if not finished or not results[1] and interrupt.is(results[2].raised) then
    self:abandoned()
    return false
  end
  self.under_way, self.warned = {}, nil
  if not results[1] then
    self.show:failure(results[2].raised, results[2].traceback)
    return false
  end
  local given = pack(unpack(results, 2, results.n))
  self:keep(given)
  return self.show:results(given, source)
end

--- Remembers a line, unless it holds a secret.
function Session:remember(source)
  if not is_blank(source) and not self.secrets:is_in(source) then self.reader:remember(source) end
end

--- A local of one line is gone in the next.
local function is_lost(source) return source:find "^%s*local%s" ~= nil and not source:find "\n" end

--- One piece of Lua: true or false for how it went, nil at the end.
function Session:turn()
  local source, chunk, why = self:read()
  if source == nil then return nil end
  if source == false then return true end
  self:remember(source)
  if source:find "^%s*exit%s*$" or source:find "^%s*quit%s*$" then return nil end
  if not chunk then
    self.show:failure(why)
    return false
  end
  local ok = self:evaluate(source, chunk)
  if ok and self.is_terminal and is_lost(source) then
    self.show:note "a local ends with its line; without the word `local` it stays"
  end
  return ok
end

--- Goes on until there is nothing more to read.
---@return boolean ok whether nothing failed
function Session:loop()
  local all = true
  while true do
    local ok, result = pcall(self.turn, self)
    if not ok and not interrupt.is(result) then error(result, 0) end
    if ok and result == nil then return all end
    if not ok then self.show:note "interrupted" end
    all = all and ok and result
  end
end

return session
