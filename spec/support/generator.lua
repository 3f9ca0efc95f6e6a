--- Runs a program that writes files of this project, in a copy of it.
local script = require "spec.support.script"

local generator = {}

--- Runs it in the copy, with the module and the core of this checkout.
---@param copy string
---@param words string the program and its arguments
---@return string output
---@return integer status
function generator.run(copy, words)
  local here, variables = script.shell("pwd"):match "[^\n]+", {}
  for name, value in pairs(script.paths()) do variables[name] = value:gsub("%./", here .. "/") end
  return script.shell(script.lua .. " " .. words, { folder = copy, variables = variables })
end

return generator
