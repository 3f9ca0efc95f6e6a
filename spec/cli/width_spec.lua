local script = require "spec.support.script"
if script.abi ~= "5.4" then return end -- the command runs on Lua 5.4 only

local width = require "reseller.cli.output.width"

describe("the width of text", function()
  local cases = {
    { "abc", 3 }, { "", 0 }, { "Виртуальный", 11 }, { "プロキシ", 8 }, { "한국", 4 }, { "e\u{301}", 1 }, { "é", 1 }, { "…", 1 },
    { "a\u{200B}b", 2 }, { "🚀", 2 }, { "ｆｕｌｌ", 8 }, { "שלום", 4 }, { "สวัสดี", 4 }, { "👍\u{1F3FD}", 2 },
  }
  for _, case in ipairs(cases) do
    it(("is %d for %q"):format(case[2], case[1]), function() assert.equal(case[2], width.of(case[1])) end)
  end

  it("cuts between characters, and never beyond the width", function()
    assert.equal("Вирт…", width.clip("Виртуальный", 5))
    assert.equal("プ…", width.clip("プロキシ", 4))
    assert.equal("プロ…", width.clip("プロキシ", 5))
    assert.equal("abc", width.clip("abc", 3))
    assert.equal("…", width.clip("abc", 1))
    assert.equal("", width.clip("abc", 0))
  end)

  it("keeps a mark with the character before it", function() assert.equal("e\u{301}…", width.clip("e\u{301}bcd", 2)) end)

  it("pads by cells, not by bytes", function()
    assert.equal("Ви  ", width.pad("Ви", 4))
    assert.equal("  プ", width.pad("プ", 4, true))
    assert.equal("longer", width.pad("longer", 2))
  end)

  it("spells out what would steer the terminal", function()
    assert.equal("\\x1B[31mred\\x07\\n\\t\\x7F", width.visible "\27[31mred\7\n\t\127")
    assert.equal("a\\u{202E}b\\u{009B}c\\u{2028}\\u{061C}", width.visible "a\u{202E}b\u{9B}c\u{2028}\u{61C}")
    assert.equal("кириллица – “x” é", width.visible "кириллица – “x” é")
  end)

  it("leaves line breaks where lines are wanted", function() assert.equal("a\nb\\r", width.visible("a\nb\r", true)) end)

  it("spells out bytes that are no UTF-8", function()
    assert.equal("a\\xFFb", width.visible "a\255b")
    assert.equal(6, width.of(width.visible "a\255b"))
  end)
end)
