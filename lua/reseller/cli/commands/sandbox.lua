--- reseller sandbox: a server on this machine that behaves like both platforms, in the foreground.
local exit = require "reseller.cli.exit"
local files = require "reseller.cli.files"
local limiter = require "reseller.sandbox.limiter"
local output = require "reseller.cli.output"
local settings = require "reseller.cli.settings"
local when = require "reseller.cli.when"

--- Options: the name, the word for its value, whether it is a whole number, what it does.
local NUMBERS = {
  { "--port", "N", true, "Port to listen on; a free one unless given." },
  { "--requests", "N", true, "How many requests the limit allows in a window, 10." },
  { "--window", "SECONDS", false, "Length of the window, 60." },
  { "--balance", "CENTS", true, "Balance to begin with." },
  { "--subscriptions", "N", true, "How many subscriptions Ghostealth begins with." },
  { "--child-subscriptions", "N", true, "How many subscriptions ActivePlatform begins with." },
  { "--seed", "N", true, "Another number makes other subscriptions." },
}

local function number_of(name, is_whole)
  return function(text)
    local n = tonumber(text)
    if n and n >= 0 and (not is_whole or math.tointeger(n)) then return is_whole and math.tointeger(n) or n end
    exit.misuse(("%s: expected a %snumber, got %q"):format(name, is_whole and "whole " or "", text), "write a number")
  end
end

local function configure(command, tools)
  for _, option in ipairs(NUMBERS) do
    local name, word, is_whole, words = table.unpack(option)
    command:option(name, words):argname(word):convert(number_of(name, is_whole)):target("sandbox:" .. name)
  end
  command:flag("--no-limit", "Enforce no limit of requests.")
  tools.choices(command:option("--count", "How requests are counted."), "--count",
    limiter.methods())
  command:option("--start", "First date, as in 2026-03-10T06:30:48Z; now unless given."):argname "DATE"
  command:option("--announce", "Write the address to this file, once it listens."):argname "FILE"
  command:flag("--watch-stdin", "End when standard input does.")
end

local function start_of(context)
  local text = context.flags.start
  if not text then return context.world.date("%Y-%m-%dT%H:%M:%SZ", context.world.time()) end
  local at = when.parse(text)
  if at then return context.world.date("%Y-%m-%dT%H:%M:%SZ", at) end
  exit.misuse(("--start: expected a date, got %q"):format(text), "as in --start 2026-03-10")
end

--- A sandbox begins anew: what a ledger knows of an earlier one at this port is about things that are gone.
local function forget_earlier(context, url)
  local folder = settings.sandbox_state(settings.real_state(context.world), url)
  if files.exists(folder .. "/.") then os.execute("rm -rf -- " .. files.quote(folder)) end
end

local function listening(context)
  return function(url)
    forget_earlier(context, url)
    output.write(context.world, ("export RESELLER_SANDBOX=%s\n"):format(url))
    context:say("It behaves like both platforms, and nothing is paid. Ctrl-C ends it.")
    context:say("Run that line in another terminal, and then, for example: reseller account")
    context:say("State, charges, faults on demand: %s/_sandbox/state", url)
  end
end

local function options_of(context)
  local flags = context.flags
  local options = { start = start_of(context), announce = flags.announce, watch_stdin = flags.watch_stdin or nil,
    count = flags.count, limit = not flags.no_limit and nil, quiet = true, on_listen = listening(context) }
  if flags.no_limit then options.limit = false end
  for _, option in ipairs(NUMBERS) do
    options[option[1]:sub(3):gsub("-", "_")] = flags["sandbox:" .. option[1]]
  end
  return options
end

local function run(context)
  local found, sandbox = pcall(require, "reseller.sandbox")
  if not found or not pcall(require, "cqueues") then
    exit.fail("the sandbox needs the Lua module http", "install lua-http (Debian)")
  end
  local ok, result, why = pcall(sandbox.run, options_of(context))
  if ok and result then return exit.DONE end
  if not ok and type(result) == "table" then error(result, 0) end
  local words = tostring(ok and why or result):gsub("^.-%.lua:%d+: ", "")
  exit.fail("sandbox: " .. words, "`reseller sandbox --help` tells its options; is the port free?")
end

return {
  name = "sandbox", group = "tools",
  summary = "Run a server on this machine that behaves like both platforms.",
  configure = configure, run = run,
  description = "Run a server on this machine that behaves like both platforms: no account is needed, no money is "
    .. "spent. It prints the line to run in another terminal. Ledger and limiter file are apart from the real ones: "
    .. "one folder for each port.",
  examples = [[
  reseller sandbox --port 8080
  reseller sandbox --no-limit --start 2026-03-10
  reseller sandbox --announce address.txt &    # the address is in the file once it listens]],
}
