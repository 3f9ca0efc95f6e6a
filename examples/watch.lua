-- Watches Ghostealth, and tells once when a subscription is about to end or changes its status, or the balance is low:
--   GHOSTEALTH_API_KEY=… lua5.4 examples/watch.lua STATE_FILE [name=value …]
--     every=300      seconds between two looks
--     rounds=1       so many looks, then end; for ever unless given. From cron, give rounds=1
--     days=3         a subscription is about to end so many days before
--     balance=10000  the balance is low below this, in minor units: 100.00 of a currency with cents
--     hook='mail -s "proxy alert" me@example.com'   a command that gets each alert on its standard input
-- What was told is in the state file, so that it is told once, also after a restart. An alert counts as told when the
-- hook ends well; else it is tried again with the next look. Ctrl-C ends it, at any moment.
-- Exit codes: 0 ended by rounds or Ctrl-C; 1 the last look or a hook failed; 2 usage.
local reseller = require "reseller"

local options = { every = 300, rounds = math.huge, days = 3, balance = 10000, hook = "cat" }
local path = arg[1]
for i = 2, #arg do
  local name, value = arg[i]:match "^(%l+)=(.+)$"
  if name ~= "hook" then value = tonumber(value) end
  if not options[name or 1] or not value then path = nil end
  options[name or 1] = value
end
if not path or options.every < 0 then
  io.stderr:write "usage: watch.lua STATE_FILE [every=300] [rounds=N] [days=3] [balance=10000] [hook=COMMAND]\n"
  os.exit(2)
end

-- What was told, by name: a line each, such as "su_69afba98bc32119ad6daa8f0 status=ACTIVE".
local told = {}
local file = io.open(path)
for line in file and file:lines() or function() end do
  local name, value = line:match "^(.*)=(.*)$"
  if name then told[name] = value end
end
if file then file:close() end

-- Replaces the file as a whole: whatever ends this script leaves the old one or the new one.
local function save()
  local new = assert(io.open(path .. ".new", "w"))
  for name, value in pairs(told) do assert(new:write(name, "=", value, "\n")) end
  assert(new:close())
  assert(os.rename(path .. ".new", path))
end

-- Runs a command. While it runs, Ctrl-C reaches it alone: then this ends as Lua itself ends on Ctrl-C.
local INTERRUPTED = { [2] = true, [130] = true, [130 * 256] = true }
local function shell(command)
  local ok, _, code = os.execute(command)
  if ok == true or ok == 0 then return true end
  if INTERRUPTED[code or ok] then error("interrupted!", 0) end
  return false
end

local failed

-- Hands words to the hook, on its standard input: what comes from a platform is not for a shell to read.
local function alert(words)
  local name = os.tmpname()
  local new = assert(io.open(name, "w"))
  new:write(words, "\n")
  new:close()
  local ok, done = pcall(shell, ("{ %s\n} <%s"):format(options.hook, name))
  os.remove(name)
  if not ok then error(done, 0) end
  if not done then failed = "the hook failed: " .. options.hook end
  return done
end

-- Notes what something has come to; with words, tells it, unless that was told before.
local function tell(name, value, words)
  value = value:gsub("[=%c]", "?") -- which the file could not hold
  if told[name] == value or words and not alert(words) then return end
  told[name] = value
  if words then save() end
end

local home = os.getenv "HOME"
local gs = reseller.ghostealth {
  limit = { requests = 10, seconds = 60, store = "file", path = home .. "/.reseller-limit" }, -- shared by all scripts
}

local function look()
  local amount = assert(gs:get_reseller()).balance.amount
  local low = amount.value < options.balance and ("the balance is low: %d minor units of %s")
  tell("balance", low and "low" or "fine", low and low:format(amount.value, amount.currency))
  for sub in gs:each_subscription { size = 100 } do
    local status, before = sub.status .. (sub.canceled and ", canceled" or ""), told[sub.id .. " status"]
    tell(sub.id .. " status", status, before and ("%s was %s, is %s"):format(sub.id, before, status))
    local ends = math.floor(sub.period["end"].timestamp / 1000)
    if status == "ACTIVE" and ends > os.time() and ends - os.time() < options.days * 86400 then
      tell(sub.id .. " ends", ("%d"):format(ends), sub.id .. os.date("! ends %Y-%m-%d %H:%M UTC", ends))
    end
  end
  save()
end

local round = 0
local function watch()
  while true do
    round, failed = round + 1, nil
    local ok, err = pcall(look)
    if not ok and not (type(err) == "table" and err.kind) then error(err, 0) end -- no fault of a call
    failed = not ok and tostring(err) or failed
    if failed then io.stderr:write("watch.lua: ", failed, "\n") end
    if round >= options.rounds then return end
    assert(shell(("sleep %g"):format(options.every)), "cannot sleep")
  end
end

local ok, err = pcall(watch)
if not ok and not tostring(err):find("interrupted!", 1, true) then error(err, 0) end
os.exit(ok and failed and 1 or 0)
