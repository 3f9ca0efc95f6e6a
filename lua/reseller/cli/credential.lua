--- Keys: from where they are to the client, and nowhere else.
local exit = require "reseller.cli.exit"
local files = require "reseller.cli.files"

local credential = {}

--- Refuses what cannot be a key, without showing it.
local function check(text, name, where)
  local key = (text or ""):gsub("%s+$", "")
  if key:find "^[\33-\126]+$" then return key end
  local got = key == "" and "nothing" or key:find "\n" and "several lines" or "text with others in it"
  exit.misuse(("%s %s: expected one key without spaces, got %s"):format(name, where, got), "let it hold the key alone")
end

--- A key that was given as it is.
---@param value string
---@return string
function credential.itself(_, value, name) return check(value, name, "") end

--- A key in a file, which others may not read.
---@param world reseller.cli.World
---@param path string
---@param name string of the setting
---@return string
function credential.file(world, path, name)
  path = files.expand(world, path)
  files.check_private(world, path, name)
  local text, why = files.read(path)
  if not text then exit.misuse(("%s %s: %s"):format(name, path, why), "name a file that can be read") end
  return check(text, name, path)
end

--- A key that a command prints. Its own words reach the terminal; the key is seen by nobody.
---@param command string for the shell
---@param name string of the setting
---@return string
function credential.command(_, command, name)
  local pipe = io.popen(command, "r")
  local text = pipe:read "a"
  local ok, how, code = pipe:close()
  if ok then return check(text, name, ("`%s`"):format(command)) end
  exit.fail(("%s `%s`: it ended with %s %d"):format(name, command, how == "signal" and "signal" or "code", code),
    "run it by hand to see why")
end

return credential
