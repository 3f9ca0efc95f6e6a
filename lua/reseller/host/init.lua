--- Chooses how to wait, by where a call runs: inside nginx, inside a controller of cqueues, in a task of luv, or
--- in plain Lua, where it blocks.
local plain = require "reseller.host.plain"

local host = {}

-- nginx's Lua module, and nothing that only has its name.
local ngx = rawget(_G, "ngx")
local is_nginx = type(ngx) == "table" and type(ngx.config) == "table" and ngx.config.subsystem ~= nil
local in_nginx -- its host, once it was needed

--- A module that somebody has loaded before.
local function loaded(name)
  local module = package.loaded[name]
  return type(module) == "table" and module or nil
end

--- The host for a call that is made here and now.
---@return table
function host.current()
  if is_nginx then
    in_nginx = in_nginx or require "reseller.host.nginx"
    return in_nginx
  end
  local cqueues, luv = loaded "cqueues", loaded "reseller.host.luv"
  if cqueues and select(2, cqueues.running()) then return require "reseller.host.cqueues" end
  if luv and luv.is_task() then return luv end
  return plain
end

--- A host that is always the current one.
host.auto = { now = plain.now }
for _, name in ipairs { "sleep", "perform", "spawn", "wait", "cancel" } do
  host.auto[name] = function(...) return host.current()[name](...) end
end

--- Why no call can be made here and now; nil where it can.
---@param effect? string of the call
---@return string|nil
function host.auto.refusal(effect)
  local current = host.current()
  return current.refusal and current.refusal(effect)
end

--- Lets others go on, where there are any.
function host.auto.pause()
  local pause = host.current().pause
  if pause then pause() end
end

--- Runs a function to its end, also when what asks for it is gone first.
---@param fn function
---@return boolean? begun
---@return any ... what it returned, or why it was not begun
function host.auto.outlive(fn)
  local current = host.current()
  if current.outlive then return current.outlive(fn) end
  return true, fn()
end

return host
