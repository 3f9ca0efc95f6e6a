--- How the command ends: its exit codes, and what to do next after each kind of error.

local exit = {
  DONE = 0, FAILED = 1, USAGE = 2, PARTLY = 3, UNKNOWN = 4,
  INTERRUPTED = 130, BROKEN_PIPE = 141, -- what a shell makes of SIGINT and SIGPIPE
}

--- The codes as --help tells them.
exit.TEXT = [[
   0   done
   1   failed
   2   wrong usage or settings; nothing was sent
   3   partly done: some of several failed
   4   the outcome is unknown: it may or may not have been done
 130   interrupted by Ctrl-C]]

local hints = {
  invalid = "mend the value; `reseller COMMAND --help` tells what is taken",
  auth = "check the key and its rights; `reseller config` tells where the key comes from",
  not_found = "check the id: `reseller list` and `reseller downstream` show those that are there",
  limited = "try again later, or with a longer --patience",
  rejected = "it was not done; the platform's words above tell why",
  server = "the platform has trouble; try again later",
  network = "check the network, the proxy and the address; `reseller doctor` looks at each",
  timeout = "try again, or with a longer --timeout",
  tls = "see `ca_file` in `reseller config`; `reseller doctor` looks at the certificate",
  decode = "try again; if it stays, tell the platform's support",
  too_large = "ask for smaller pages",
  unknown = "do not repeat it blindly: `reseller ledger reconcile` looks whether it was done",
  refused = "nothing was sent; `reseller ledger list` shows what was done before",
  closed = "run the command again",
  memory = "end other programs, and try again",
}

--- What to do after an error of this module.
---@param err reseller.Error
---@return string
function exit.hint(err)
  if err.kind == "limited" and err.retry_after then
    return ("try again in %.0f s, or with --patience %.0f"):format(err.retry_after + 1, err.retry_after + 1)
  end
  return hints[err.kind] or "run it again"
end

--- The exit code of an error of this module.
---@param err reseller.Error
---@return integer
function exit.of(err)
  if err.kind == "unknown" then return exit.UNKNOWN end
  return err.kind == "invalid" and exit.USAGE or exit.FAILED
end

--- Raises a fault: words for the user, and what to do next. It ends the command.
---@param words string
---@param hint? string
---@param code? integer 1 unless given
function exit.fail(words, hint, code) error({ fault = words, hint = hint, exit = code or exit.FAILED }, 0) end

--- Raises a fault of the one who wrote the command.
---@param words string
---@param hint? string
function exit.misuse(words, hint) exit.fail(words, hint, exit.USAGE) end

return exit
