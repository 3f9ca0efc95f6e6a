--- Reads the file of leases (csrc/leasefile.c) without touching it: who uses it, and how many requests it counts.
local core = require "reseller.core"
local files = require "reseller.cli.files"

local MAGIC = "reseller leases 1\n"
local HEADER = "<c24I8"
local KEY, BOOT, LEASES = 32, 40, 256
local RECORD_BYTES = KEY + BOOT + 16 + LEASES * 16

local limits = {}

local function read_record(text, at)
  local record = { boot = text:sub(at + KEY, at + KEY + BOOT - 1):match "^[^%z]*", leases = {} }
  at = at + KEY + BOOT
  record.paused_until = ("<d"):unpack(text, at)
  at = at + 16
  for _ = 1, LEASES do
    local till, holder
    till, holder, at = ("<dI8"):unpack(text, at)
    if till > 0 then record.leases[#record.leases + 1] = { till = till, is_held = holder ~= 0 } end
  end
  return record
end

--- The records of a file, one for each key.
---@param text string its bytes
---@return table[]? records
---@return string? why nil
function limits.parse(text)
  if #text == 0 then return {} end
  if #text < 32 or text:sub(1, #MAGIC) ~= MAGIC then return nil, "it is no file of leases" end
  local _, size = HEADER:unpack(text)
  if size ~= RECORD_BYTES then return nil, "it was made by another version" end
  local records, at = {}, 33
  while at + RECORD_BYTES - 1 <= #text do
    if text:find("[^%z]", at) then records[#records + 1] = read_record(text, at) end
    at = at + RECORD_BYTES
  end
  return records
end

--- Leases of a record at a time on the monotonic clock.
---@return integer under_way whose reply has not come
---@return integer cooling whose reply came less than a window ago
---@return number pause seconds for which the server asked
function limits.count(record, now, boot)
  local under_way, cooling = 0, 0
  if record.boot ~= boot then return 0, 0, 0 end
  for _, lease in ipairs(record.leases) do
    if lease.till > now then
      if lease.is_held then under_way = under_way + 1 else cooling = cooling + 1 end
    end
  end
  return under_way, cooling, math.max(0, record.paused_until - now)
end

--- The processes of this user that have the file open now.
local function users_of(world, path)
  local users = {}
  if not world.lfs or not pcall(world.lfs.dir, "/proc") then return users end
  local me = core.process().pid
  for name in world.lfs.dir "/proc" do
    local pid = tonumber(name)
    local maps = pid and pid ~= me and files.read(("/proc/%s/maps"):format(name))
    if maps and maps:find(" " .. path .. "\n", 1, true) then
      local command = files.read(("/proc/%s/comm"):format(name)) or ""
      users[#users + 1] = ("%d (%s)"):format(pid, command:match "[^\n]*")
    end
  end
  table.sort(users)
  return users
end

local function current_boot() return ((files.read "/proc/sys/kernel/random/boot_id" or ""):match "[^\n]*") end

local function words_of(records, world, boot)
  local under_way, cooling, pause, old = 0, 0, 0, 0
  for _, record in ipairs(records) do
    local a, b, c = limits.count(record, world.now(), boot)
    under_way, cooling, pause = under_way + a, cooling + b, math.max(pause, c)
    if record.boot ~= boot then old = old + 1 end
  end
  local words = { ("%d under way, %d counted still"):format(under_way, cooling) }
  if pause > 0 then words[#words + 1] = ("the server asked for a pause: %.0f s left"):format(pause) end
  if old > 0 then words[#words + 1] = ("%d from before the last boot"):format(old) end
  return table.concat(words, "; ")
end

--- The file that shares the limit among processes.
---@param report reseller.cli.doctor.Report
---@param context reseller.cli.Context
---@param path string
function limits.check(report, context, path)
  local world = context.world
  local found = world.lfs and world.lfs.attributes(path)
  if not found and not files.exists(path) then
    return report:ok("limiter file", path .. ": not there yet; made with the first call")
  end
  local text, why = files.read(path)
  local records
  if text then records, why = limits.parse(text) end
  if not records then
    return report:failed("limiter file", ("%s: %s"):format(path, why), "remove it when nothing runs; it is made anew")
  end
  local users = users_of(world, path)
  local words = ("%s: %s"):format(path, words_of(records, world, current_boot()))
  if #users > 0 then words = words .. "; used by " .. table.concat(users, ", ") end
  if found and not files.is_private(found) then
    return report:warning("limiter file", ("%s; others may read or change it (%s)"):format(words, found.permissions),
      "chmod 600 " .. files.quote(path))
  end
  report:ok("limiter file", words)
end

return limits
