local history = require "reseller.repl.history"
local script = require "spec.support.script"

describe("the history of the prompt", function()
  local folder, path
  before_each(function()
    folder = script.folder()
    path = folder .. "/history"
  end)
  after_each(function() script.remove(folder) end)

  it("is there again the next time, one piece a line", function()
    local first = history.open(path)
    first:add "a = 1"
    first:add "for i = 1, 2 do\n  print(i)\nend"
    assert.same({ "a = 1", "for i = 1, 2 do print(i) end" }, history.open(path).lines)
  end)

  it("takes no line twice in a row, and no blank one", function()
    local kept = history.open(path)
    assert.is_true(kept:add "a")
    assert.is_false(kept:add "a")
    assert.is_false(kept:add "  ")
    assert.is_true(kept:add "b")
    assert.same({ "a", "b" }, kept.lines)
  end)

  it("belongs to its owner alone", function()
    history.open(path):add "a"
    assert.equal("600\n", (script.shell("stat -c %a " .. path)))
  end)

  it("keeps the newest thousand lines", function()
    local file = assert(io.open(path, "w"))
    for i = 1, 1200 do file:write(i, "\n") end
    file:close()
    local kept = history.open(path)
    assert.equal(1000, #kept.lines)
    assert.equal("201", kept.lines[1])
    assert.equal("1200", history.open(path).lines[1000])
  end)

  it("does without a file that cannot be had", function()
    for _, place in ipairs { folder .. "/none/history", false } do
      local kept = history.open(place or nil)
      kept:add "a"
      assert.same({ "a" }, kept.lines)
    end
  end)
end)
