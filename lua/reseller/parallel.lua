--- Many calls at once, on any host.

local function pack(ok, results)
  if ok then return { (table.unpack or unpack)(results, 1, math.max(2, results.n)) } end -- luacheck: ignore 113 143
  return { nil, results[1] }
end

--- One of the n that work through the functions.
local function worker(host, functions, state)
  return function()
    while state.next <= #functions do
      local i = state.next
      state.next = i + 1
      local task = host.spawn(functions[i])
      state.running[task] = true
      state.results[i] = pack(host.wait(task))
      state.running[task] = nil
    end
  end
end

local function run(host, n, functions, state, workers)
  for i = 1, math.min(n, #functions) do workers[i] = host.spawn(worker(host, functions, state)) end
  for _, task in ipairs(workers) do
    local ok, results = host.wait(task)
    if not ok then error(results[1], 0) end
  end
end

--- Runs functions with at most `n` of them under way, and returns when all have ended.
---@param host table
---@param n integer
---@param functions function[]
---@return table[] results in the order of the functions: { value, meta }, or { nil, err }
return function(host, n, functions)
  if type(n) ~= "number" or n < 1 or n % 1 ~= 0 then
    error(("reseller.parallel: expected a whole number of at least 1, got %s"):format(tostring(n)), 2)
  end
  if type(functions) ~= "table" then
    error(("reseller.parallel: expected a list of functions, got a %s"):format(type(functions)), 2)
  end
  for i, fn in ipairs(functions) do
    if type(fn) ~= "function" then
      error(("reseller.parallel: expected a list of functions, got a %s at %d"):format(type(fn), i), 2)
    end
  end
  local state, workers = { next = 1, results = {}, running = {} }, {}
  local ok, err = pcall(run, host, n, functions, state, workers)
  if ok then return state.results end
  for _, task in ipairs(workers) do host.cancel(task) end
  for task in pairs(state.running) do host.cancel(task) end
  error(err, 0)
end
