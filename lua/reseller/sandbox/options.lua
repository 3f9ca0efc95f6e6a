--- Reads the sandbox's options from a command line.

local options = {}

-- Each is followed by a value, but for flags.
local KNOWN = {
  ["--port"] = { name = "port", number = true },
  ["--seed"] = { name = "seed", number = true },
  ["--window"] = { name = "window", number = true },
  ["--requests"] = { name = "requests", number = true },
  ["--count"] = { name = "count" },
  ["--balance"] = { name = "balance", number = true },
  ["--start"] = { name = "start" },
  ["--announce"] = { name = "announce" },
  ["--watch-stdin"] = { name = "watch_stdin", flag = true },
  ["--no-limit"] = { name = "limit", flag = true, negative = true },
}

options.USAGE = "usage: [--port N] [--seed N] [--window SECONDS] [--requests N] [--count METHOD] "
  .. "[--balance CENTS] [--start DATE] [--no-limit] [--watch-stdin] [--announce FILE]"

local function value_of(option, word, text)
  if option.flag then return not option.negative end
  if text == nil then return nil, word .. ": expected a value" end
  local value = text
  if option.number then value = tonumber(text) end
  if value == nil then return nil, ("%s: expected a number, got %s"):format(word, text) end
  return value
end

--- Turns words into a table of options.
---@param words string[]
---@return table<string, any>? options
---@return string? err
function options.parse(words)
  local chosen, at = {}, 1
  while words[at] do
    local word = words[at]
    local option = KNOWN[word]
    if not option then return nil, word .. ": unknown option" end
    local value, why = value_of(option, word, words[at + 1])
    if why then return nil, why end
    chosen[option.name] = value
    at = at + (option.flag and 1 or 2)
  end
  return chosen
end

return options
