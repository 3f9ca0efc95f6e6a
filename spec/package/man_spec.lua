-- The manual page is made of what the command tells of itself. That part runs on Lua 5.4 only.
local script = require "spec.support.script"

if not script.is_main_run then return end

local commands = require "reseller.cli.commands"
local man = require "reseller.cli.man"
local parser = require "reseller.cli.parser"
local roff = require "reseller.cli.roff"

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

-- The page as a reader sees it, in one long line.
local function shown(page)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(page)
  file:close()
  local text, status = script.shell(("groff -man -ww -Tutf8 -P-cbou -rLL=2000n %s"):format(path))
  os.remove(path)
  assert.equal(0, status)
  return text
end

local function squeeze(text) return (text:gsub("%s+", " ")) end

describe("the manual page", function()
  local page, text
  setup(function()
    page = man.page()
    text = squeeze(shown(page))
  end)

  it("is what the build made", function()
    local same = read "build/share/man/man1/reseller.1" == page
    assert.truthy(same, "build/share/man/man1/reseller.1 is older than the command: cmake --build build")
  end)

  it("comes out the same each time", function()
    local other = script.shell([[lua5.4 -e 'io.write(require("reseller.cli.man").page())']],
      { variables = script.paths() })
    assert.equal(page, other)
  end)

  it("makes groff complain of nothing, at any width", function()
    for _, width in ipairs { 40, 80, 200 } do
      local said = script.shell(("sh -c 'groff -man -ww -Tutf8 -rLL=%dn build/share/man/man1/reseller.1 2>&1 >/dev/null'"):format(width))
      assert.equal("", (said:gsub("[^\n]*can't break line\n", width == 40 and "" or "%0")))
    end
  end)

  it("holds ASCII only", function() assert.falsy(page:find "[\128-\255]") end)

  it("has the sections of its kind, in their order", function()
    local sections = {}
    for section in page:gmatch "\n%.SH ([^\n]+)" do sections[#sections + 1] = section end
    assert.same({ "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES",
      "EXAMPLES", "SEE ALSO" }, sections)
  end)

  it("tells of every command what --help tells", function()
    local function check(specs, full)
      for _, spec in ipairs(specs) do
        if spec.commands then
          check(spec.commands, full .. " " .. spec.name)
        else
          assert.truthy(text:find(full .. " " .. spec.name .. " ", 1, true), full .. " " .. spec.name)
          local words = squeeze(spec.description or spec.summary):gsub("`", ""):gsub("…", "..."):match "^[^\128-\255]*"
          assert.truthy(text:find(words, 1, true), words)
        end
      end
    end
    check(commands.all(), "reseller")
  end)

  it("tells of every option that is not hidden, with its words", function()
    local made = parser.new(commands.all(), 80)
    made:reveal()
    local function check(command)
      for _, option in ipairs(command._options) do
        if not option._hidden and option._name ~= "-h" then
          assert.truthy(text:find(option._name, 1, true), option._name)
          local words = squeeze(option:_get_description()):gsub("`", ""):match "^[^\128-\255]*"
          assert.truthy(text:find(words, 1, true), words)
        end
      end
      for _, inner in ipairs(command._commands) do check(inner) end
    end
    check(made.root)
  end)

  it("tells of no option that is hidden", function()
    assert.falsy(text:find("--api-key", 1, true))
    local function configure(command)
      command:option("--shown", "Told.")
      command:option("--secret", "Not told."):hidden(true)
    end
    local other = squeeze(shown(man.page { { name = "one", summary = "One.", configure = configure, run = print } }))
    assert.truthy(other:find("reseller one [options] One. --shown <shown> Told.", 1, true))
    assert.falsy(other:find("Not told", 1, true))
  end)

  it("tells the arguments of a command", function()
    local function configure(command) command:argument("ids", "Which ones."):argname("ID"):args "+" end
    local other = squeeze(shown(man.page { { name = "one", summary = "One.", configure = configure, run = print } }))
    assert.truthy(other:find("reseller one ID [ID] ... One. ids Which ones.", 1, true), other)
  end)

  it("puts a command's examples below it, as they are typed", function()
    local other = man.page { { name = "one", summary = "One.", examples = "  reseller one 'a b' >c", run = print } }
    assert.truthy(other:find("One.\n.IP\n.EX\nreseller one \\(aqa b\\(aq >c\n.EE\n", 1, true))
  end)

  it("tells every exit code", function()
    local status = text:match " EXIT STATUS (.-) ENVIRONMENT "
    for _, code in ipairs { "0 done", "1 failed", "2 ", "3 partly", "4 the outcome is unknown", "130 interrupted" } do
      assert.truthy((" " .. status):find(" " .. code, 1, true), code)
    end
  end)

  it("names every variable of the environment that the command reads", function()
    local sources = script.shell "cat lua/reseller/cli/*.lua lua/reseller/cli/*/*.lua"
    local variables = text:match " ENVIRONMENT (.*) FILES "
    for name in sources:gmatch 'getenv[ (]+"([%u_]+)"' do
      if name ~= "HOME" then assert.truthy(variables:find(name, 1, true), name) end
    end
    for _, name in ipairs { "GHOSTEALTH_API_KEY", "GHOSTEALTH_API_KEY_FILE", "ACTIVEPLATFORM_RESELLER_ID",
      "RESELLER_LEDGER", "RESELLER_TIMEOUT", "XDG_STATE_HOME" } do
      assert.truthy(variables:find(name, 1, true), name)
    end
    assert.falsy(variables:find("_LIMIT", 1, true))
  end)
end)

describe("text for a manual page", function()
  local function drawn(words) return squeeze(shown(".TH X 1\n.PP\n" .. words .. "\n")):match "^X%(1%) .- X%(1%) (.-) X%(1%)" end

  it("keeps signs that groff would change", function()
    local typed = [[it's a `b` ~/.config ^c \d --limit 3 -q "e"]]
    assert.equal(typed, drawn(roff.literal(typed)))
  end)

  it("never begins a macro", function()
    local page = roff.new("x", 1, "x")
    page:paragraphs ".TH is no macro here\n\n'nor this"
    assert.truthy(squeeze(shown(page:text())):find(".TH is no macro here 'nor this", 1, true))
  end)

  it("keeps the lines of an indented paragraph", function()
    local page = roff.new("x", 1, "x")
    page:paragraphs "Before:\n\n  one\n    two\n\nAfter."
    assert.truthy(page:text():find(".PP\nBefore:\n.PP\n.EX\none\n  two\n.EE\n.PP\nAfter.\n", 1, true), page:text())
  end)

  it("shows signs beyond ASCII", function() assert.equal("Ж é ...", drawn(roff.literal "Ж é …")) end)

  it("divides no name by a hyphen", function()
    assert.truthy(roff.prose("see subscription_resources"):find("\\%subscription_resources", 1, true))
  end)

  it("makes what stands in backquotes bold", function()
    assert.equal("run \\fBreseller list\\fR now", roff.prose "run `reseller list` now")
  end)
end)
