--- A host that waits in short steps, so that a wait can be seen to go by.
local plain = require "reseller.host.plain"

local STEP = 1 -- seconds

--- Makes a host that waits as the plain one does.
---@param on_step fun()|nil called after each step
---@return table host
return function(on_step)
  local function sleep(seconds)
    local deadline = plain.now() + seconds
    repeat
      plain.sleep(math.min(STEP, math.max(0, deadline - plain.now())))
      on_step()
    until plain.now() >= deadline
  end
  return setmetatable({ sleep = sleep }, { __index = plain })
end
