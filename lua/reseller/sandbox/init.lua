--- A server of our own that behaves like both platforms, to develop and to test against.
---
--- It listens on loopback only. The routes and the checks of parameters come from the table of
--- endpoints; Ghostealth answers under both of the prefixes its pages write. Whatever a vendor's page
--- does not allow is refused. Charges and requests are booked, the limit of requests is enforced on
--- real time, and the date starts at a fixed instant. By hand:
---
---     lua5.4 -e 'require("reseller.sandbox").main(arg)' - --port 8080
---
--- The control address takes and gives JSON, wants no key and is neither booked nor limited:
---
---     GET    /_sandbox/state      balance, counts, calendar, limiter, settings, armed faults
---     GET    /_sandbox/charges    what was charged, `?since=N` for those after number N
---     GET    /_sandbox/requests   what was asked, `?since=N` likewise; credentials masked
---     POST   /_sandbox/reset      {"seed":N}: everything as at the start
---     POST   /_sandbox/advance    {"seconds":N}: moves the date; what is not renewed ends
---     POST   /_sandbox/settings   {"limit","window","requests","count","retry_after","list_shape",
---                                 "error_shape","balance"}: see `settings.lua`
---     POST   /_sandbox/faults     [{"kind":...},...]: arms faults
---     DELETE /_sandbox/faults     disarms them all
---     POST   /_sandbox/stop       ends the server
---
--- A fault is matched by `endpoint` (id of the row), `platform`, `method` and `path` (how it begins), all
--- optional; it lets `after` matching requests pass and goes off `times` times (once). With `when` =
--- "before" the request is not carried out, with "after" it is. Kinds, and what else they take:
---
---     reset, close          RST, or FIN, and no reply
---     delay                 seconds
---     status                status, headers, body
---     cut                   at (bytes of the reply), of = "body", reset = true: RST instead of FIN
---     cut_request           at (bytes of the request that are read)
---     garbage               body or body_hex: bytes that are not HTTP, then FIN
---     html                  status (502)
---     body                  body or body_hex, content_type, status (200)
---     oversized             size, chunked
---     gzip, gzip_bomb       the right reply packed; `size` zeros packed
---     huge_header           size
---     redirect              location, status (302)
---     duplicate             the reply twice, the connection stays open
---     empty                 status (200)
---     page                  of a list: cap, stuck, shift, next = "self", last = "self", host
---
--- `cut`, `gzip`, `huge_header` and `duplicate` act after, the others before, unless told otherwise. A
--- kind that alters a reply alters a 503 when it acts before. One request can set off one fault, and
--- delays and a `page` fault besides.

local core = require "reseller.core"

local library = require "reseller.sandbox.library"
local options_reader = require "reseller.sandbox.options"
local settings = require "reseller.sandbox.settings"
local world = require "reseller.sandbox.world"

local sandbox = {}

-- Options that are not settings.
local OWN = {
  port = true, seed = true, start = true, subscriptions = true, child_subscriptions = true,
  credentials = true, watch_stdin = true, announce = true, quiet = true, on_listen = true,
}

local function build_world(options, monotonic)
  local given = { rows = core.endpoints(), platforms = core.platforms(), monotonic = monotonic }
  given.wall = os.time
  for name, value in pairs(options) do
    if not OWN[name] and not settings.has(name) then error(("%s: unknown option"):format(name), 3) end
    given[name] = value
  end
  return world.new(given)
end

local function hints(url, platforms)
  local lines = { ("reseller sandbox listening on %s"):format(url) }
  for _, name in ipairs { "ghostealth", "activeplatform" } do
    local row = platforms[name]
    local base = url .. row.sandbox_path
    lines[#lines + 1] = ("  %s  %s %s"):format(base, row.credential, row.sandbox_credential)
  end
  lines[#lines + 1] = ("  %s/_sandbox/state  state, charges, requests, faults"):format(url)
  return table.concat(lines, "\n") .. "\n"
end

-- Whoever waits for the file sees all of it or nothing.
local function announce(path, url)
  local file = assert(io.open(path .. ".new", "w"))
  file:write(url, "\n")
  file:close()
  assert(os.rename(path .. ".new", path))
end

---@class reseller.sandbox.run.options : reseller.sandbox.settings
---@field port? integer  a free one unless given
---@field seed? integer
---@field start? string  first date, such as 2026-03-10T06:30:48Z
---@field subscriptions? integer  how many Ghostealth starts with
---@field child_subscriptions? integer  how many ActivePlatform starts with
---@field credentials? table<string, string|string[]>  by platform
---@field watch_stdin? boolean  ends when standard input does
---@field announce? string  file to write the address to
---@field quiet? boolean  prints nothing
---@field on_listen? fun(url: string)  called once it listens

--- Serves in the foreground until SIGTERM, SIGINT or the control address ends it.
---@param options? reseller.sandbox.run.options
---@return boolean? ok
---@return string? err
function sandbox.run(options)
  options = options or {}
  library.prepare()
  local monotonic = require "cqueues".monotime
  local built = build_world(options, monotonic)
  local server, why = require "reseller.sandbox.server".listen(built, options.port or 0)
  if not server then return nil, why end
  local url = server:url()
  if not options.quiet then io.stdout:write(hints(url, core.platforms())):flush() end
  if options.on_listen then options.on_listen(url) end
  if options.announce then announce(options.announce, url) end
  server:run(options.watch_stdin)
  return true
end

local function complain(why, code)
  io.stderr:write("reseller sandbox: ", why, "\n")
  os.exit(code, true)
end

--- Runs with options from a command line and ends the process: 0 after a stop, 1 when it cannot
--- listen, 2 for options that are wrong.
---@param words string[]
function sandbox.main(words)
  local options, why = options_reader.parse(words)
  if not options then complain(why .. "\n" .. options_reader.USAGE, 2) end
  local ran, ok, err = pcall(sandbox.run, options)
  if not ran or not ok then complain(tostring(err or ok), 1) end
  os.exit(0, true)
end

return sandbox
