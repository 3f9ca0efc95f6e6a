--- reseller version
local output = require "reseller.cli.output"
local version = require "reseller.version"

local function run(context)
  output.write(context.world, ("reseller %s, %s\n"):format(version, _VERSION))
end

return { name = "version", summary = "Print the version.", group = "tools", run = run }
