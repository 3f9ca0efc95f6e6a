--- Counts what becomes of one renewal whose reply is lost, through this client and through others: a sandbox
--- renews, books the charge, and loses the reply, that of every repetition too. Prints a table in Markdown.
---
---     sh spec/bench/run.sh lost            prints it
---     sh spec/bench/run.sh lost --write    and puts it into README.md
local core = require "reseller.core"
local reseller = require "reseller"

local clients = require "spec.bench.lost_reply.clients"
local nginx = require "spec.bench.lost_reply.nginx"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

local README = "README.md"
local OPENING, CLOSING = "<!-- from spec/bench: lost replies -->\n", "<!-- end -->\n"
local PROGRAM_SECONDS = 90
-- Long enough for reads that start together to meet, each on a connection of its own.
local READ_SECONDS = 0.5
local MANY = 1000

-- What happens after each renewal, and the head of its column.
local losses = {
  { head = "connection closed", kind = "close" },
  { head = "connection reset", kind = "reset" },
  { head = "answered with 502", kind = "status", status = 502 },
}

local function rows()
  local by_id = {}
  for _, row in ipairs(core.endpoints()) do by_id[row.id] = row end
  return by_id.get_reseller, by_id.renew_subscription
end

local READ, RENEW = rows()
local GHOSTEALTH = core.platforms().ghostealth

local function note(...) io.stderr:write("-- ", string.format(...), "\n") end

--- The id of a subscription of a new sandbox that can be renewed.
local function renewable(box)
  local gs = reseller.ghostealth { api_key = GHOSTEALTH.sandbox_credential, limit = false,
    base_url = box.url .. GHOSTEALTH.sandbox_path }
  for sub in gs:each_subscription() do
    if sub.status == "ACTIVE" and not sub.canceled then return sub.id end
  end
end

local function command(client, port, id)
  local base = ("http://127.0.0.1:%d%s"):format(port, GHOSTEALTH.sandbox_path)
  return table.concat({ "timeout", PROGRAM_SECONDS, client.program, base .. READ.path,
    base .. RENEW.path:gsub("{.-}", id), GHOSTEALTH.sandbox_credential, client.idle, client.mode or "" }, " ")
end

--- How often the sandbox renewed, and over how many connections it was read from.
local function counts(box)
  local executed, connections, idle = 0, {}, 0
  for _, request in ipairs(box:requests()) do
    if request.endpoint == RENEW.id and request.executed then executed = executed + 1 end
    if request.endpoint == READ.id and not connections[request.connection] then
      connections[request.connection] = true
      idle = idle + 1
    end
  end
  return executed, idle
end

local function arm(box, loss)
  box:reset()
  box:fault { { kind = "delay", seconds = READ_SECONDS, endpoint = READ.id, times = MANY },
    { kind = loss.kind, status = loss.status, when = "after", endpoint = RENEW.id, times = MANY } }
end

--- What a program said, checked against the books of the sandbox.
local function verdict(box, client, output)
  local version, saw = output:match "version: ([^\n]*)", output:match "saw: ([^\n]*)"
  if not saw then error(("%s said nothing of use: %s"):format(client.name, output), 0) end
  local executed, idle = counts(box)
  local charged = #box:charges()
  if idle ~= client.idle then error(("%s left %d connections, not %d"):format(client.name, idle, client.idle), 0) end
  if charged ~= executed then error(("%s: %d renewals, %d charges"):format(client.name, executed, charged), 0) end
  return ("**%d**: %s"):format(executed, saw), version
end

--- One renewal through a client.
---@return string cell
---@return string version
local function renew(box, client, loss, id)
  arm(box, loss)
  local front = client.via and nginx.start(box.port)
  local port = front and front.ports[client.via] or box.port
  local output = script.shell(command(client, port, id), { variables = script.paths() })
  if front then front:stop() end
  return verdict(box, client, output)
end

--- The package that a client lacks here, nil if it lacks none.
local function missing(client)
  if client.via and not nginx.version() then return "nginx-light" end
  return select(2, script.shell(client.probe)) ~= 0 and client.package or nil
end

local function cells(list) return "| " .. table.concat(list, " | ") .. " |" end

local function told(client)
  local words = { client.name == "reseller" and "`" .. RENEW.id .. "`" or RENEW.method }
  if client.setting ~= "" then words[#words + 1] = client.setting end
  words[#words + 1] = client.idle == 0 and "no open connection"
    or ("%d open connection%s"):format(client.idle, client.idle > 1 and "s" or "")
  return table.concat(words, ", ")
end

--- The row of a client; its version is added to `versions`.
local function measure(box, client, id, versions)
  local row = { client.name, told(client) }
  note("%s: %s", row[1], row[2])
  for _, loss in ipairs(losses) do
    local cell, version = renew(box, client, loss, id)
    row[#row + 1] = cell
    if not versions[version] then
      versions[version] = true
      versions[#versions + 1] = version
    end
  end
  return cells(row)
end

local function heading()
  local heads = { "client", "told to do once" }
  for _, loss in ipairs(losses) do heads[#heads + 1] = loss.head end
  return cells(heads) .. "\n" .. ("|---"):rep(#heads) .. "|"
end

--- The table and the line below it; whether every client had its row.
local function report(box)
  local lines, versions, skipped = { heading() }, {}, {}
  local id = renewable(box)
  for _, client in ipairs(clients) do
    local package = missing(client)
    if package then
      note("skipped, for want of %s: %s, %s", package, client.name, told(client))
      skipped[#skipped + 1] = client.name
    else
      lines[#lines + 1] = measure(box, client, id, versions)
    end
  end
  versions[#versions + 1] = nginx.version() and "nginx " .. nginx.version()
  lines[#lines + 1] = "\nMeasured with " .. table.concat(versions, ", ") .. "."
  return table.concat(lines, "\n") .. "\n", #skipped == 0
end

local function write(text)
  local file = assert(io.open(README))
  local old = file:read "*a"
  file:close()
  local _, first = old:find(OPENING, 1, true)
  local last = first and old:find(CLOSING, first, true)
  if not last then error(README .. ": no place for the table", 0) end
  file = assert(io.open(README, "w"))
  file:write(old:sub(1, first), text, old:sub(last))
  file:close()
end

local box = sandbox.start { limit = false }
local ok, text, complete = pcall(report, box)
box:stop()
if not ok then error(text, 0) end
io.write(text)
if arg[1] == "--write" then
  if not complete then error("not written: some clients were skipped", 0) end
  write(text)
end
