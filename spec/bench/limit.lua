--- Measures how much of a limit three processes get that share a file of leases, against the sandbox.
--- Usage: limit.lua [WINDOW] [CALLS]: seconds of the window, and calls of each process
local core = require "reseller.core"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

local REQUESTS = 10
local window, calls = tonumber(arg[1] or 1), tonumber(arg[2] or 70)

local program = [[
  local reseller = require "reseller"
  local limit = { requests = tonumber(arg[2]), seconds = tonumber(arg[3]), store = "file", path = os.getenv "LEASES" }
  local gs = reseller.ghostealth { limit = limit, retries = 0 }
  for _ = 1, tonumber(arg[1]) do gs:get_reseller() end
]]

local box, folder = sandbox.start { window = window, requests = REQUESTS }, script.folder()
local file = io.open(folder .. "/program.lua", "w")
file:write(program)
file:close()
local variables = script.paths()
variables.RESELLER_SANDBOX, variables.LEASES = box.url, folder .. "/leases"
variables.RUN = ("%s %s/program.lua %d %d %g"):format(script.lua, folder, calls, REQUESTS, window)

local start = core.now()
script.shell([[sh -c 'for i in 1 2 3; do $RUN & done; wait']], { variables = variables })
local windows, refused = (core.now() - start) / window, box:state().limiter.refused
print(("%d calls of three processes: %d refused, %.2f a window of %g s after the first %d (%d are allowed)"):format(
  3 * calls, refused, (3 * calls - REQUESTS) / windows, window, REQUESTS, REQUESTS))
script.remove(folder)
box:stop()
os.exit(refused == 0, true)
