local journal = require "reseller.sandbox.journal"

describe("sandbox journal", function()
  it("numbers records and lists those after a number", function()
    local book = journal.new()
    for name in ("abc"):gmatch "." do
      book:add { name = name }
    end
    assert.same({ { seq = 3, name = "c" } }, book:list(2))
    assert.equal(3, #book:list())
  end)

  it("keeps the latest and counts all", function()
    local book = journal.new(10)
    for i = 1, 25 do
      book:add { i = i }
    end
    local kept = book:list()
    assert.equal(25, book:count())
    assert.equal(10, #kept)
    assert.equal(16, kept[1].i)
  end)
end)
