--- reseller doctor: looks at everything that a call needs.
local doctor = require "reseller.cli.doctor"
local exit = require "reseller.cli.exit"
local new_report = require("reseller.cli.doctor.report").new
local output = require "reseller.cli.output"

local DESCRIPTION = [[
Look at everything that a call needs: versions, settings, who may read keys, the limiter file, the ledger,
certificates, proxies, and whether each platform is reached with its key. Changes nothing, and asks each platform once.
A line for each check; where something is not well, the next line tells what to do. Ends with 1 if a check failed.]]

--- The formats for programs; for people, in a pipe too, the lines are printed as they come.
local function wants_data(flags) return flags.json or flags.jsonl or flags.csv or flags.table end

local function run(context)
  local world = context.world
  local function tell(line)
    context:status(nil)
    output.write(world, line .. "\n")
  end
  local report = new_report(not wants_data(context.flags) and tell or nil, world.colour,
    world.out_is_terminal and world.columns or nil)
  doctor.examine(report, context)
  if wants_data(context.flags) then
    context:show(report.findings, { columns = { { path = "state" }, { path = "check" }, { path = "found" },
      { path = "hint", optional = true } } })
  else
    context:say("%s", report:summary())
  end
  return report:count "failed" == 0 and exit.DONE or exit.FAILED
end

return {
  name = "doctor", summary = "Look at everything that a call needs.", description = DESCRIPTION, group = "tools",
  data = true,
  examples = "  reseller doctor\n  reseller doctor --json | jq '.[] | select(.state != \"ok\")'", run = run,
}
