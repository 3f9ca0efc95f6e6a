--- Writes text for man pages, in the macros of man(7).
local roff = {}
roff.__index = roff
roff.__name = "reseller.cli.roff"

-- What would come out as another sign, or not at all.
local SIGNS = { ["\\"] = "\\e", ["'"] = "\\(aq", ["`"] = "\\(ga", ["~"] = "\\(ti", ["^"] = "\\(ha", ["-"] = "\\-" }
local NAMES = { ["…"] = "...", ["→"] = "\\(->", ["–"] = "\\(en", ["“"] = "\\(lq", ["”"] = "\\(rq" }

local function unicode(sign) return NAMES[sign] or ("\\[u%04X]"):format(utf8.codepoint(sign)) end

-- A line that begins with a dot or a quote would be a macro.
local function guard(line) return (line:gsub("^[.\\]", "\\&%0")) end

--- Text that comes out sign by sign, such as what is typed.
---@param words string
---@return string
function roff.literal(words)
  return (words:gsub("[\\'`~^-]", SIGNS):gsub("[\194-\244][\128-\191]+", unicode))
end

-- Names and addresses are not divided by a hyphen; addresses may go on in the next line after a slash.
local function whole(word) return "\\%" .. (word:find "://" and word:gsub("(%w)/", "%1/\\:") or word) end

--- Prose: options and what stands in `backquotes` come out bold.
---@param words string
---@return string
function roff.prose(words)
  local escaped = roff.literal(words:gsub("%s+", " "))
  escaped = escaped:gsub("\\%(ga(.-)\\%(ga", "\\fB%1\\fR")
  escaped = escaped:gsub("(%w)\\%-(%w)", "%1-%2")
  return (escaped:gsub("%S*[%w_][_/]%S*", whole))
end

--- What an option or a call is written as: names come out bold.
---@param words string
---@return string
function roff.label(words)
  local escaped = roff.literal(words)
  return (escaped:gsub("%f[^%s%z]\\%-[%w\\-]*", "\\fB%0\\fR"))
end

--- Names that belong together.
---@param words string
function roff.names(words) return (roff.literal(words):gsub("%S+", "\\%%%0")) end

--- A new page.
---@param name string
---@param section integer
---@param source string what it belongs to, with the version
---@return reseller.cli.Roff
function roff.new(name, section, source)
  ---@class reseller.cli.Roff
  local self = setmetatable({ lines_ = {} }, roff)
  self:macro(('TH %s %d "" "%s" "User Commands"'):format(name:upper(), section, source))
  self:macro "nh"
  self:macro "ad l"
  return self
end

function roff:macro(line)
  if line == "PP" and self.lines_[#self.lines_]:find "^%.S[HS] " then return end -- a heading begins one by itself
  self.lines_[#self.lines_ + 1] = "." .. line
end

function roff:line(line) self.lines_[#self.lines_ + 1] = guard(line) end

---@param title string
function roff:section(title) self:macro("SH " .. title:upper()) end

---@param title string
function roff:subsection(title) self:macro('SS "' .. roff.literal(title) .. '"') end

--- Paragraphs, which empty lines divide. Those that are indented come out line by line.
---@param words string
---@param macro? string what begins each, ordinary paragraphs unless given
function roff:paragraphs(words, macro)
  for paragraph in (words .. "\n\n"):gmatch "(.-)\n%s*\n" do
    paragraph = paragraph:gsub("^\n+", "")
    if paragraph:find "^  " then
      self:example(paragraph, macro)
    elseif paragraph:find "%S" then
      self:macro(macro or "PP")
      self:line(roff.prose((paragraph:gsub("^%s+", ""))))
    end
  end
end

--- A label, and beside or below it what it means.
---@param label string as `roff.label` gives it
---@param words string
function roff:item(label, words)
  self:macro "TP"
  self:line(label)
  local first, rest = (words .. "\n\n"):match "^(.-)\n%s*\n(.*)$"
  self:line(roff.prose(first))
  self:paragraphs(rest, "IP")
end

--- Lines as they are.
---@param words string
---@param macro? string what stands before them
function roff:example(words, macro)
  self:macro(macro or "PP")
  self:macro "EX"
  for line in (words:gsub("%s+$", "") .. "\n"):gmatch "(.-)\n" do self:line(roff.literal((line:gsub("^  ", "")))) end
  self:macro "EE"
end

--- Indents what `write` writes.
---@param write fun()
function roff:indented(write)
  self:macro "RS"
  write()
  self:macro "RE"
end

---@return string
function roff:text() return table.concat(self.lines_, "\n") .. "\n" end

return roff
