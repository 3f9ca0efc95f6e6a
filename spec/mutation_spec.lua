-- Takes a safeguard out of a copy of the project and sees that the specs notice.
local script = require "spec.support.script"

if not script.is_main_run then return end

local mutants = {
  { name = "the fresh connection of what is sent once", file = "csrc/engine.c", spec = "client_spec",
    from = "CURLOPT_FRESH_CONNECT, q->once ? 1L : 0L", to = "CURLOPT_FRESH_CONNECT, 0L" },
  { name = "the refusal to follow redirects", file = "csrc/engine.c", spec = "engine_spec",
    from = "CURLOPT_FOLLOWLOCATION, 0L", to = "CURLOPT_FOLLOWLOCATION, 1L" },
  { name = "the rule that a spend is not repeated", file = "lua/reseller/retry.lua", spec = "retry_spec",
    from = 'return not reply.once(effect) and "broken" or nil', to = 'return "broken"' },
  { name = "the verdict `unknown`", file = "lua/reseller/reply.lua", spec = "reply_spec",
    from = "if reply.once(row.effect) and wire.sends > 0 then", to = "if false then" },
}

local function edit(path, from, to)
  local file = io.open(path)
  local text = file:read "*a"
  file:close()
  local first, last = text:find(from, 1, true)
  assert(first, path .. ": not found: " .. from)
  file = io.open(path, "w")
  file:write(text:sub(1, first - 1), to, text:sub(last + 1))
  file:close()
end

describe("without", function()
  local folder
  setup(function()
    folder = script.copy()
    local output, status = script.shell("sh -c 'cmake -S . -B build && cmake --build build'", { folder = folder })
    assert.equal(0, status, output)
  end)
  teardown(function() script.remove(folder) end)

  for _, mutant in ipairs(mutants) do
    it(mutant.name .. " the specs fail", function()
      local path = folder .. "/" .. mutant.file
      local function specs()
        script.shell("cmake --build build", { folder = folder })
        local command = "busted --lua=lua5.4 --output=plainTerminal spec/" .. mutant.spec .. ".lua"
        return script.shell(command, { folder = folder, variables = {
          LUA_PATH = "./lua/?.lua;./lua/?/init.lua;./?.lua;;", LUA_CPATH = "./build/lib/lua/5.4/?.so;;" } })
      end
      edit(path, mutant.from, mutant.to)
      local output = specs()
      edit(path, mutant.to, mutant.from)
      assert.truthy(output:find "[1-9]%d* failure", output)
      assert.is_nil(output:find "\n0 success", output)
    end)
  end
end)
