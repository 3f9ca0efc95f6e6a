--- What the measurements share: servers to call, load, medians, and a verdict for each target.
local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local measure = { build = os.getenv "RESELLER_BUILD" or "build" }

--- What a command prints.
function measure.shell(command)
  local pipe = io.popen(command)
  local text = pipe:read "*a"
  pipe:close()
  return text
end

local function first_number(path)
  local file = io.open(path)
  local number = file and file:read "*n"
  if file then file:close() end
  return number
end

--- A server of replies that take so long.
---@param latency_ms integer
---@return integer port
---@return fun() stop
function measure.serve(latency_ms)
  local announced = os.tmpname()
  local command = "exec %s/bench/server --compact 1 --latency %d >%s"
  local pipe = io.popen(command:format(measure.build, latency_ms, announced), "w")
  local port
  measure.await(function()
    port = first_number(announced)
    return port
  end, "the server did not start")
  os.remove(announced)
  return port, function() pipe:close() end
end

function measure.free_port()
  local listener = socket.listen("127.0.0.1", 0)
  listener:listen()
  local _, _, port = listener:localname()
  listener:close()
  return port
end

--- Waits until a condition holds.
function measure.await(condition, complaint)
  local deadline = cqueues.monotime() + 30
  while not condition() do
    if cqueues.monotime() > deadline then error(complaint, 2) end
    cqueues.sleep(0.01)
  end
end

--- The value below which such a share of them lies.
function measure.quantile(list, share)
  table.sort(list)
  return list[math.max(1, math.ceil(#list * share))]
end

function measure.median(list)
  table.sort(list)
  return (list[math.ceil(#list / 2)] + list[math.floor(#list / 2) + 1]) / 2
end

local units = { us = 1e-6, ms = 1e-3, s = 1, m = 60 }
local function duration(text) return tonumber(text:match "[%d.]+") * units[text:match "%a+"] end

--- Requests one after the other on so many connections.
---@return table p50 and p99 in seconds, rate per second, count
function measure.load(url, connections, seconds)
  local text = measure.shell(("wrk -t1 -c%d -d%ds --latency %s 2>&1"):format(connections, seconds, url))
  if text:find "Non%-2xx" or text:find "Socket errors" then error(url .. "\n" .. text) end
  return { p50 = duration(text:match "\n%s+50%%%s+(%S+)"), p99 = duration(text:match "\n%s+99%%%s+(%S+)"),
    rate = tonumber(text:match "Requests/sec:%s+(%S+)"), count = tonumber(text:match "(%d+) requests in") }
end

--- Starts the same load without an end but that of this process.
---@return fun() stop
function measure.start_load(url, connections)
  local command = "wrk -t1 -c%d -d3600s --timeout 600s %s >/dev/null 2>&1 & pid=$!; read _; kill -INT $pid; wait $pid"
  local pipe = io.popen(command:format(connections, url), "w")
  return function() pipe:close() end
end

--- Requests at times that are fixed beforehand, whether the ones before are answered or not: what somebody waits
--- who comes at any moment.
---@param connect fun(): table a cqueues socket
---@param path string
---@param rate number per second
---@param seconds number
---@return number p99 seconds
function measure.pace(connect, path, rate, seconds)
  local loop, waits, next_one, begin = cqueues.new(), {}, 0, cqueues.monotime()
  for _ = 1, 16 do
    loop:wrap(function()
      local peer = connect()
      while next_one < rate * seconds do
        local due = begin + next_one / rate
        next_one = next_one + 1
        cqueues.sleep(math.max(0, due - cqueues.monotime()))
        peer:write(("GET %s HTTP/1.1\r\nhost: bench\r\n\r\n"):format(path))
        peer:flush()
        assert((peer:read "*l" or ""):find " 200 ")
        repeat local line = peer:read "*l" until line == "0\r" or line == "0" -- the last chunk
        peer:read "*l"
        waits[#waits + 1] = cqueues.monotime() - due
      end
      peer:close()
    end)
  end
  assert(loop:loop())
  return measure.quantile(waits, 0.99)
end

--- Nanoseconds of CPU of a process: of its first thread, and of all.
function measure.cpu(pid)
  local own, all = 0, 0
  for thread in measure.shell("ls /proc/" .. pid .. "/task"):gmatch "%d+" do
    local ns = first_number(("/proc/%s/task/%s/schedstat"):format(pid, thread)) or 0
    if thread == pid then own = ns end
    all = all + ns
  end
  return own, all
end

--- Of a process: KiB of memory in use, threads, descriptors.
function measure.size(pid)
  local text = measure.shell(("cat /proc/%s/smaps_rollup /proc/%s/status"):format(pid, pid))
  return { kib = tonumber(text:match "\nRss:%s*(%d+)"), threads = tonumber(text:match "\nThreads:%s*(%d+)"),
    descriptors = tonumber(measure.shell(("ls /proc/%s/fd | wc -l"):format(pid))) }
end

local missed = false

--- Prints a figure and whether it is what it should be.
---@param what string
---@param value number
---@param target? number
---@param more? boolean whether more is better
---@param format? string
function measure.report(what, value, target, more, format)
  format = format or "%.2f"
  local good = not target or more and value >= target or not more and value <= target
  missed = missed or not good
  local verdict = ""
  if target then
    verdict = (" (at %s %s: %s)"):format(more and "least" or "most", format:format(target), good and "met" or "MISSED")
  end
  print(("  %-58s %8s%s"):format(what, format:format(value), verdict))
end

--- Ends the program: 1 when a target was missed.
function measure.exit() os.exit(missed and 1 or 0, true) end

return measure
