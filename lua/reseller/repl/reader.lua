--- Where lines come from: a pipe, a terminal, or a terminal with readline.
local completion = require "reseller.repl.completion"

local reader = {}

---@class reseller.repl.Reader
---@field line fun(self, prompt: string): string|false|nil false: Ctrl-C came; nil: the end
---@field ask fun(self, question: string): string|false|nil
---@field remember fun(self, line: string)

local Piped = {}
Piped.__index = Piped

function Piped:line() return (self.input:read "*l") end

function Piped.ask() return nil end

function Piped.remember() end

--- Lines of a file or a pipe.
---@param input file*
---@return reseller.repl.Reader
function reader.piped(input) return setmetatable({ input = input }, Piped) end

local Terminal = {}
Terminal.__index = Terminal

function Terminal:line(prompt)
  self.out:flush()
  self.err:write(prompt)
  self.err:flush()
  if self.interrupts:readable() then return (self.input:read "*l") end
  self.err:write "\n"
  return false
end

function Terminal:ask(question) return self:line(question) end

function Terminal:remember(line) self.history:add(line) end

--- Lines of a terminal as it gives them.
---@param options table `input`, `out` and `err`, `interrupts` and `history`
---@return reseller.repl.Reader
function reader.terminal(options)
  options.input:setvbuf "no" -- what is waited for at the descriptor must not be in a buffer already
  return setmetatable(options, Terminal)
end

local Edited = setmetatable({}, Terminal)
Edited.__index = Edited

--- What readline asks for completions: `from` is where its own idea of a word begins, `past` is just after the cursor.
local function words_for(readline, env)
  return function(text, from, past)
    readline.set_completion_append_character ""
    local ok, words, typed = pcall(completion.at, env, text:sub(1, past - 1))
    if not ok then return {} end
    local before = text:sub(from, past - 1 - typed)
    for i, word in ipairs(words) do words[i] = before .. word end
    return words
  end
end

--- One line with readline, which is fed only when there is something to read: so Ctrl-C is heard. The handler is
--- not removed then, but installed anew for the next line, which drops what was typed: lua-readline 3.2 closes its
--- stream before it removes a handler, and writes to it afterwards unless a line was just ended.
function Edited:line(prompt)
  local line, done
  self.out:flush()
  self.readline.handler_install(prompt, function(text)
    line, done = text, true
    self.readline.handler_remove()
  end)
  repeat
    if not self.interrupts:readable() then
      self.err:write "^C\n"
      return false
    end
    self.readline.read_char()
  until done
  return line
end

function Edited:ask(question) return Terminal.line(self, question) end

function Edited:remember(line)
  if self.history:add(line) then self.readline.add_history(self.history.lines[#self.history.lines]) end
end

--- Lines of a terminal that are edited with readline; nil where it is missing.
---@param options table as for `reader.terminal`, and `env`, whose names are completed
---@return reseller.repl.Reader?
function reader.edited(options)
  local ok, readline = pcall(require, "readline")
  if not ok or not readline.handler_install then return nil end
  readline.set_options { histfile = "", auto_add = false }
  readline.set_readline_name "reseller"
  readline.set_complete_function(words_for(readline, options.env))
  for _, line in ipairs(options.history.lines) do readline.add_history(line) end
  reader.terminal(options)
  options.readline = readline
  return setmetatable(options, Edited)
end

return reader
