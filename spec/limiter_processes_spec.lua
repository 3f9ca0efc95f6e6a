local plain = require "reseller.host.plain"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

local WINDOW, REQUESTS, CALLS = 0.3, 10, 12

--- Makes calls against the sandbox, with the leases in a file, and says how many were refused.
local program = ([[
  local reseller = require "reseller"
  local limit = { requests = %d, seconds = %g, store = "file", path = os.getenv "LEASES" }
  local gs = reseller.ghostealth { limit = limit, retries = 0, timeout = tonumber(os.getenv "TIMEOUT") }
  local refused = 0
  for _ = 1, tonumber(arg[1]) do if not gs:get_reseller() then refused = refused + 1 end end
  print("refused " .. refused)
]]):format(REQUESTS, WINDOW)

describe("processes that share a file of leases", function()
  local folder
  before_each(function()
    folder = script.folder()
    local file = io.open(folder .. "/program.lua", "w")
    file:write(program)
    file:close()
  end)
  after_each(function() script.remove(folder) end)

  --- Runs lines of shell in which $LUA starts the program.
  local function run(box, lines)
    local variables = script.paths()
    variables.RESELLER_SANDBOX, variables.LEASES, variables.TIMEOUT = box.url, folder .. "/leases", "1"
    variables.RUN = script.lua .. " " .. folder .. "/program.lua"
    variables.LINES_ = lines
    return script.shell([[sh -c 'eval "$LINES_"']], { variables = variables })
  end

  for _, count in ipairs { "sliding_log", "fixed_window", "token_bucket", "first_hit" } do
    it("are refused nothing by a server that counts by " .. count, function()
      local box = sandbox.start { window = WINDOW, requests = REQUESTS, count = count }
      local output = run(box, ("for i in 1 2 3; do $RUN %d & done; wait"):format(CALLS))
      assert.equal(("refused 0\n"):rep(3), output)
      assert.equal(3 * CALLS, #box:requests())
      assert.equal(0, box:state().limiter.refused)
      box:stop()
    end)
  end

  it("go on when one of them is killed with a lease in its hands", function()
    local box = sandbox.start { window = WINDOW, requests = REQUESTS }
    box:fault { kind = "delay", seconds = 30 }
    local pid = run(box, "$RUN 1 >/dev/null 2>&1 & echo $!"):match "%d+"
    while #box:requests() == 0 do plain.sleep(0.01) end
    run(box, "kill -9 " .. pid)
    assert.equal("refused 0\n", run(box, ("$RUN %d"):format(CALLS)))
    box:stop()
  end)
end)
