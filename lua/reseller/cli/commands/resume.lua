--- reseller resume: takes suspended subscriptions back into use.
local change = require "reseller.cli.change"

return change.command {
  endpoint = "resume_subscription",
  summary = "Resume suspended subscriptions.",
  description = "Resumes suspended subscriptions. Those that are active already need nothing.",
  examples = [[
  reseller resume su_69afba98bc32119ad6daa8f0
  reseller resume --where status=SUSPENDED
  cut -d, -f1 paid.csv | reseller resume --from - --yes]],
}
