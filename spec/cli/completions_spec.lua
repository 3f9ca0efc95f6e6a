local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local command = require "spec.cli.command"

local function is_there(shell) return os.execute(("command -v %s >/dev/null"):format(shell)) end

describe("reseller completions", function()
  local home
  before_each(function() home = script.folder() end)
  after_each(function() script.remove(home) end)

  local function written(shell)
    local code, out, err = command.run { "completions", shell }
    assert.same({ 0, "" }, { code, err })
    return command.file(home .. "/completions", out), out
  end

  for _, shell in ipairs { "bash", "zsh", "fish" } do
    if is_there(shell) then
      it("are well-formed for " .. shell, function()
        local output, status = script.shell(("%s -n %s"):format(shell, (written(shell))))
        assert.same({ "", 0 }, { output, status })
      end)
    end

    it("know generated commands and options for " .. shell, function()
      local _, out = written(shell)
      for _, word in ipairs { "list-child-subscriptions", "each-subscription", "billing-cycle", "expiring-within" } do
        assert.truthy(out:find(word, 1, true), word)
      end
      assert.is_nil(out:find("api-key", 1, true))
    end)
  end

  --- What bash offers for a line.
  local function offered(line)
    local path = written "bash"
    local words = {}
    for word in (line .. "|"):gmatch "[^ ]+" do words[#words + 1] = ("%q"):format((word:gsub("|", ""))) end
    local program = ([[. %s; COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE=%q; COMP_POINT=${#COMP_LINE}
      $(complete -p reseller | sed 's/.*-F \([^ ]*\).*/\1/') reseller "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
      echo "${COMPREPLY[*]}"]]):format(path, table.concat(words, " "), #words - 1, line)
    local file = command.file(home .. "/try", program)
    return (script.shell("bash " .. file):gsub("\n$", ""))
  end

  local cases = {
    { "reseller li", "list" },
    { "reseller down", "downstream" },
    { "reseller ghostealth rene", "renew-subscription" },
    { "reseller activeplatform get", "get-subscription" },
    { "reseller ledger reco", "reconcile" },
    { "reseller list --expi", "--expiring-within" },
    { "reseller list --js", "--json --jsonl" },
    { "reseller ghostealth list-subscriptions --direction ", "ASC DESC" },
    { "reseller ghostealth create-subscription --billing-cycle WE", "WEEKLY" },
  }
  for _, case in ipairs(cases) do
    it(("complete in bash: %s"):format(case[1]), function() assert.equal(case[2], offered(case[1])) end)
  end
end)
