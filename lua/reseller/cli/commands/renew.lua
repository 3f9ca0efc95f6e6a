--- reseller renew: buys another period.
local change = require "reseller.cli.change"

return change.command {
  endpoint = "renew_subscription",
  summary = "Renew subscriptions: each once, whatever happens on the way.",
  description = "Renews subscriptions. Shows which, what they cost and how long the limit of requests makes it take, "
    .. "and asks. A renewal is made only if the period still ends as it did when it was planned. Selections leave out "
    .. "what is not active, unless --where names the status, and what was canceled, unless --where names that.",
  examples = [[
  reseller renew su_69afba98bc32119ad6daa8f0
  reseller renew --expiring-within 3d
  reseller renew --expiring-within 3d --yes >>renewed.jsonl     for cron
  reseller renew --continue                                     after Ctrl-C or a crash]],
}
