local core = require "reseller.core"
local plain = require "reseller.host.plain"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

--- Bodies of scripts that wait for replies that do not come.
local programs = {
  ["a call"] = [[gs:get_reseller()]],
  ["calls in reseller.parallel"] = [[
    local functions = {}
    for i = 1, 8 do functions[i] = function() return gs:get_reseller() end end
    reseller.parallel(8, functions)]],
  ["an iterator that fetches ahead"] = [[
    local ap = reseller.activeplatform { timeout = 60 }
    for _ in ap:each_child_subscription { pages_ahead = 4 } do end]],
  ["a wait for the limit"] = [[
    gs = reseller.ghostealth { limit = { requests = 1, seconds = 60 } }
    io.open(arg[1] .. "/waits", "w"):close()
    while true do gs:get_reseller() end]],
}

describe("Ctrl-C", function()
  local box, folder
  before_each(function() box, folder = sandbox.start { limit = false }, script.folder() end)
  after_each(function()
    box:stop()
    script.remove(folder)
  end)

  local function read(name)
    local file = io.open(folder .. "/" .. name)
    local text = file and file:read "*a"
    if file then file:close() end
    return text
  end

  --- Waits, but less than the scripts would.
  local function await(condition)
    local deadline = core.now() + 20
    while not condition() do
      assert(core.now() < deadline, "nothing happened")
      plain.sleep(0.01)
    end
  end

  for name, body in pairs(programs) do
    it("ends " .. name .. " promptly", function()
      if name ~= "a wait for the limit" then box:fault { kind = "delay", seconds = 60, times = 50 } end
      local file = io.open(folder .. "/program.lua", "w")
      file:write([[local reseller = require "reseller"
        local file = io.open(arg[1] .. "/pid", "w")
        file:write(require("reseller.core").pid())
        file:close()
        local gs = reseller.ghostealth { limit = false, timeout = 60 }
        ]], body)
      file:close()
      local variables = script.paths()
      variables.RESELLER_SANDBOX = box.url
      script.shell(([[sh -c '{ %s %s/program.lua %s >%s/out 2>&1; echo $? >%s/done; } >/dev/null 2>&1 &']]):format(script.lua, folder,
        folder, folder, folder), { variables = variables })
      await(function() return #box:requests() > 0 and (name ~= "a wait for the limit" or read "waits") end)
      script.shell("sh -c 'kill -INT " .. read "pid" .. "'")
      await(function() return read "done" end)
      assert.truthy(read("out"):find "interrupted!", read "out")
    end)
  end
end)
