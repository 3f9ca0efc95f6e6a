--- Files that hold secrets or lead to them, and the folder that the command keeps its own files in.
local exit = require "reseller.cli.exit"

local files = {}

--- A word for the shell.
---@param text string
---@return string
function files.quote(text) return "'" .. text:gsub("'", [['\'']]) .. "'" end

--- A path with ~ spelled out.
---@param world reseller.cli.World
---@param path string
---@return string
function files.expand(world, path)
  if path == "~" or path:sub(1, 2) == "~/" then return world.home .. path:sub(2) end
  return path
end

--- A folder of the XDG base directory rules, which want absolute paths.
---@param world reseller.cli.World
---@param variable string
---@param fallback string below the home folder
---@return string
function files.xdg(world, variable, fallback)
  local folder = world.getenv(variable)
  if folder and folder:sub(1, 1) == "/" then return folder end
  return world.home .. "/" .. fallback
end

---@param path string
---@return boolean
function files.exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

---@param path string
---@return string? text, string? why
function files.read(path)
  local file, why = io.open(path)
  if not file then return nil, (why:gsub("^.*: ", "")) end
  local text, fault = file:read "a"
  file:close()
  return text, fault
end

local function attributes(world, path, what)
  if not world.lfs then
    exit.misuse(("%s %s: who else may read or write it cannot be told without the Lua module lfs"):format(what, path),
      "install lua-filesystem (Debian), or give the key in the environment")
  end
  local found = world.lfs.attributes(path)
  if not found then
    local _, why = files.read(path)
    exit.misuse(("%s %s: %s"):format(what, path, why or "it cannot be looked at"), "name a file that is there")
  end
  return found
end

--- What is wrong with who owns a file; only its owner and root may change it.
local function owner_fault(world, found)
  local me = world.lfs.attributes("/proc/self", "uid")
  if me and found.uid ~= me and found.uid ~= 0 then return "it belongs to another user" end
  if found.permissions:sub(5, 5) == "w" or found.permissions:sub(8, 8) == "w" then return "others may write it" end
end

--- Refuses a file that is none, or that others may change.
---@param world reseller.cli.World
---@param path string
---@param what string what it is for, as in `api_key_file`
---@return table attributes as of lua-filesystem
function files.check_trusted(world, path, what)
  local found = attributes(world, path, what)
  if found.mode ~= "file" then
    exit.misuse(("%s %s: expected a regular file, got a %s"):format(what, path, found.mode), "name a file")
  end
  local fault = owner_fault(world, found)
  if fault then exit.misuse(("%s %s: %s"):format(what, path, fault), "chmod 600 " .. files.quote(path)) end
  return found
end

--- True for a file that nobody but its owner may read.
---@param found table as of lua-filesystem
---@return boolean
function files.is_private(found) return found.permissions:sub(4) == "------" end

--- Refuses a file that others may read or change.
---@param world reseller.cli.World
---@param path string
---@param what string
function files.check_private(world, path, what)
  local found = files.check_trusted(world, path, what)
  if files.is_private(found) then return end
  exit.misuse(("%s %s: others may read it"):format(what, path), "chmod 600 " .. files.quote(path))
end

local function is_private_folder(world, path)
  local found = world.lfs and world.lfs.attributes(path)
  return found and found.mode == "directory" and found.permissions == "rwx------"
end

--- Makes a folder that only its owner may enter, and those above it that are missing.
---@param world reseller.cli.World
---@param path string
function files.make_private_folder(world, path)
  if is_private_folder(world, path) then return end
  local quoted = files.quote(path)
  local command = ("umask 077 && mkdir -p -- %s 2>/dev/null && chmod 700 -- %s 2>/dev/null"):format(quoted, quoted)
  if os.execute(command) then return end
  exit.fail(("%s: the folder for the ledger cannot be made"):format(path),
    "make it, or set XDG_STATE_HOME to a folder that can be written")
end

return files
