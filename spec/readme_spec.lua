local config = require "reseller.config"
local core = require "reseller.core"
local generator = require "spec.support.generator"
local json = require "reseller.json"
local reseller = require "reseller"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"
local snippets = require "spec.support.snippets"
local terminal = require "spec.repl.terminal"

local read = snippets.read
local README = read "README.md"

-- Blocks for the shell that are not run here, by how they begin, and why.
local NOT_RUN = {
  ["sh examples/quickstart.sh"] = "installs packages and builds: spec/examples_spec.lua does the one, whoever runs this the other",
  ["sh spec/run.sh"] = "installs packages and runs this, too",
  ["cmake -B build && cmake --build build"] = "builds: whoever runs this has done it; spec/install_spec.lua installs into a folder",
  ["cmake --build build --target single"] = "builds and installs: spec/single_spec.lua does it",
  ["(cd build && cpack)"] = "builds a package: spec/package does it, and installs it into a folder",
  ["sh examples/openresty/start.sh"] = "goes on until Ctrl-C: spec/examples/openresty_spec.lua runs it",
  ["luarocks --lua-version=5.4 make"] = "builds: spec/install_spec.lua does it into a tree of its own",
}

-- What builds or installs would do so to this checkout: such a block is run nowhere, or listed above.
local BUILDS = { "sudo", "cmake", "cpack", "luarocks", "apt", "dpkg", "quickstart", "run%.sh", "start%.sh" }

local function builds(block)
  for _, word in ipairs(BUILDS) do
    if block.code:find("%f[%w]" .. word .. "%f[^%w]") then return true end
  end
end

local function reason_of(block)
  for beginning in pairs(NOT_RUN) do
    if block.code:sub(1, #beginning) == beginning then return beginning end
  end
end

local blocks, by_language = snippets.blocks(README), {}
for _, block in ipairs(blocks) do
  by_language[block.language] = by_language[block.language] or {}
  table.insert(by_language[block.language], block)
end

-- The address that the README gives to a sandbox.
local ADDRESS = "127.0.0.1:8080"

--- A folder as the one that a reader is in: with the project in it, and the first script.
local function room_of_reader()
  local room, here = script.folder(), script.shell("pwd"):match "[^\n]+"
  script.shell(("ln -s %s/* %s/"):format(here, room))
  snippets.write(room .. "/first.lua", by_language.lua[1].code .. "\n")
  return room
end

local function reader_of(room)
  return { folder = room, variables = { HOME = room, XDG_STATE_HOME = room .. "/state", XDG_CONFIG_HOME = room .. "/config",
    LUA_PATH = script.paths().LUA_PATH, LUA_CPATH = script.paths().LUA_CPATH,
    PATH = room .. "/build/bin:" .. os.getenv "PATH", RESELLER_SANDBOX = sandbox.shared().url } }
end

--- Runs commands that start a sandbox, and stops it.
---@return string|nil url nil when none was started
---@return string output
local function serve(room, commands)
  local lines = { "unset RESELLER_SANDBOX XDG_STATE_HOME XDG_CONFIG_HOME; export HOME=" .. room }
  for name, value in pairs(script.paths()) do lines[#lines + 1] = ("export %s='%s'"):format(name, value) end
  lines[#lines + 1] = ("PATH=%s/build/bin:$PATH\ncd %s\nexec %s\n"):format(room, room, commands)
  snippets.write(room .. "/block.sh", table.concat(lines, "\n"))
  local pipe = io.popen(("sh %s/block.sh 2>&1 </dev/null"):format(room))
  local said = {}
  local url
  repeat
    local line = pipe:read "*l"
    said[#said + 1], url = line, line and line:match "http://127%.0%.0%.1:%d+"
  until url or not line
  local credential = core.platforms().activeplatform.sandbox_credential
  local client = url and reseller.activeplatform { base_url = url, api_token = credential }
  if client then assert(client:request { method = "POST", path = "/_sandbox/stop", effect = "write" }) end
  pipe:close()
  return url, table.concat(said, "\n")
end

describe("README.md", function()
  local room
  before_each(function() room = room_of_reader() end)
  after_each(function() script.remove(room) end)

  for _, block in ipairs(by_language.lua) do
    local is_settings = block.code:find "^return {"
    if not is_settings then it("has a snippet that runs and prints what it says: " .. block.title, function()
      local output, status = snippets.run(block.code)
      assert.equal(0, status, output)
      local promised = snippets.promised(block.code)
      if promised then assert.equal(promised, snippets.plain(output)) end
    end)
    else it("has settings that the command takes: " .. block.title, function()
      snippets.write(room .. "/config.lua", block.code .. "\n")
      local output, status = script.shell("reseller --config config.lua config", reader_of(room))
      assert.equal(0, status, output)
    end) end
  end

  --- Runs commands on a terminal of 100 columns.
  local function on_terminal(code)
    snippets.write(room .. "/block.sh", ("stty cols 100\n%s\n"):format(code))
    local reader = reader_of(room)
    reader.variables.NO_COLOR = "1"
    return script.shell("script -qec 'sh -e block.sh' /dev/null </dev/null", reader)
  end

  for i, block in ipairs(script.is_main_run and blocks or {}) do
    if block.language == "text" then
      it("shows what a terminal shows: " .. block.title, function()
        assert.equal("sh", blocks[i - 1].language)
        local output, status = on_terminal(blocks[i - 1].code)
        assert.equal(0, status, output)
        output = snippets.plain(output)
        for line in block.code:gmatch "[^\n]+" do
          assert.truthy(output:find(snippets.plain(line), 1, true), line .. " is not in " .. output)
        end
      end)
    end
  end

  -- The shell and the command are the same on every run: they start a Lua of their own.
  for _, block in ipairs(script.is_main_run and by_language.sh or {}) do
    local serves = block.code:find("8080", 1, true) and block.code:find "sandbox[^\n]*8080" and not block.code:find "RESELLER_SANDBOX="

    if serves then
      it("starts a sandbox: " .. block.title, function()
        local url, output = serve(room, block.code:gsub("8080", "0"))
        assert.truthy(url, output)
      end)
    elseif not reason_of(block) and not builds(block) then
      it("has commands that run: " .. block.title, function()
        local reader = reader_of(room)
        snippets.write(room .. "/block.sh", (block.code:gsub(ADDRESS, reader.variables.RESELLER_SANDBOX:match "//(.*)") .. "\n"))
        local output, status = script.shell("sh -e block.sh </dev/null", reader)
        assert.equal(0, status, output)
      end)
    end
  end

  it("has no other commands than those that are run or known not to be", function()
    for beginning in pairs(NOT_RUN) do
      local found = false
      for _, block in ipairs(by_language.sh) do found = found or reason_of(block) == beginning end
      assert.is_true(found, beginning)
    end
    for _, block in ipairs(by_language.sh) do assert.truthy(reason_of(block) or not builds(block), block.code) end
    local known = { lua = true, sh = true, text = true, repl = true, nginx = true, json = true, [""] = true }
    for language in pairs(by_language) do assert.is_true(known[language] or false, language) end
  end)

  for _, block in ipairs(by_language.nginx or {}) do
    it("has a configuration that nginx takes: " .. block.title, function()
      local main, http = {}, {}
      for line in block.code:gmatch "[^\n]+" do table.insert(line:find "^env " and main or http, line) end
      snippets.write(room .. "/nginx.conf", ([[
        load_module /usr/lib/nginx/modules/ndk_http_module.so;
        load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
        pid %s/pid; error_log stderr;
        %s
        events {}
        http { access_log off; %s
        }
      ]]):format(room, table.concat(main, "\n"), table.concat(http, "\n")))
      local output, status = script.shell(("env -u LD_PRELOAD nginx -t -p %s -c nginx.conf"):format(room))
      assert.equal(0, status, output)
    end)
  end

  for _, block in ipairs(script.is_main_run and by_language.repl or {}) do
    it("has a session at a prompt that goes like that: " .. block.title, function()
      local variables = reader_of(room).variables
      variables.RESELLER_SANDBOX = sandbox.shared().url
      local screen = terminal.start("reseller repl", variables)
      finally(function() screen:close() end)
      for line in block.code:gmatch "[^\n]+" do
        local typed, question, answer = line:match "^> (.*)", line:match "^(.*%[y/N%] )(.*)"
        if typed then
          screen:line(typed)
        else
          screen:await(question or line)
          if answer then screen:type(answer .. "\r") end
        end
      end
    end)
  end

  for _, block in ipairs(by_language[""] or {}) do
    it("has an option that a client takes: " .. block.title, function()
      local make = assert((loadstring or load)("return { " .. block.code .. " }")) -- luacheck: ignore 113
      local options = make()
      options.api_key = "GHO-sandboxkey-STEA-sandboxkey-LTH"
      assert.is_table(config.read(core.platforms().ghostealth, options, 1))
    end)
  end

  for _, block in ipairs(by_language.json or {}) do
    it("has settings for an editor that name files of this module", function()
      local settings = assert(json.decode(block.code))
      for _, path in ipairs(settings["workspace.library"]) do
        assert.truthy(io.open("lua/reseller/" .. path:match "/reseller/(.*)$"), path)
      end
    end)
  end

  it("has the tables that its sources make", function()
    local output, status = script.run "spec/readme.lua --check"
    assert.equal(0, status, output)
  end)

  it("explains every kind of error, and no other", function()
    local known, told = {}, {}
    for kind in read("lua/reseller/errors.lua"):gmatch '%-%-%-| "(%l[%l_]*)"' do known[kind] = true end
    for cell in README:match("\n| kind |.-\n\n"):gmatch "\n| (`[^|]+) |" do
      for kind in cell:gmatch "`(.-)`" do told[kind] = true end
    end
    assert.same(known, told)
  end)

  it("links to files that are there", function()
    for path in README:gmatch "%]%(([^)]+)%)" do
      if not path:find "^https://" then assert.is_truthy(io.open(path:match "^[^#]+" or "README.md"), path) end
    end
  end)
end)

describe("spec/readme.lua", function()
  local copy
  setup(function() copy = script.copy() end)
  teardown(function() script.remove(copy) end)

  local function generate(arguments) return generator.run(copy, "spec/readme.lua " .. (arguments or "")) end

  it("finds a table that is behind its source, and mends it", function()
    local changed = README:gsub("Buys another period", "Sells another period")
    snippets.write(copy .. "/README.md", changed)
    local output, status = generate "--check"
    assert.equal(1, status)
    assert.truthy(output:find "behind its sources")
    assert.equal(changed, read(copy .. "/README.md"))
    assert.equal(0, select(2, generate()))
    assert.equal(README, read(copy .. "/README.md"))
  end)

  it("refuses a README without a place for a table", function()
    snippets.write(copy .. "/README.md", (README:gsub("<!%-%- from lua/reseller/config.lua %-%->", "")))
    local output, status = generate "--check"
    assert.equal(1, status)
    assert.truthy(output:find("no place for the table from lua/reseller/config.lua", 1, true))
  end)
end)
