--- The findings: one line each, told as they come, with what to do next where something is not well.
local width = require "reseller.cli.output.width"

local NAME = 26 -- cells of the name

local report = {}

---@class reseller.cli.doctor.Finding
---@field check string
---@field state "ok"|"warning"|"failed"
---@field found string
---@field hint? string

---@class reseller.cli.doctor.Report
---@field findings reseller.cli.doctor.Finding[]
local Report = {}
Report.__index = Report

local marks = { ok = { "ok     ", "32" }, warning = { "warning", "33" }, failed = { "FAILED ", "31;1" } }

--- A report.
---@param tell? fun(line: string) is given each line as it comes
---@param colour? boolean
---@param columns? integer to which lines are broken; nil: they are not
---@return reseller.cli.doctor.Report
function report.new(tell, colour, columns)
  return setmetatable({ findings = {}, tell_ = tell, colour_ = colour, columns_ = columns }, Report)
end

--- Text of several lines that stand below each other; no word is cut.
local function broken(self, text, indent)
  local room = self.columns_ and math.max(20, self.columns_ - indent) or math.huge
  local lines = {}
  for word in text:gmatch "%S+" do
    local longer = lines[#lines] and lines[#lines] .. " " .. word
    if longer and width.of(longer) <= room then lines[#lines] = longer else lines[#lines + 1] = word end
  end
  return table.concat(lines, "\n" .. (" "):rep(indent))
end

local function paint(self, text, sgr)
  return self.colour_ and ("\27[%sm%s\27[0m"):format(sgr, text) or text
end

local function lines_of(self, finding)
  local mark = marks[finding.state]
  local indent = #mark[1] + 2 + NAME + 2
  local line = ("%s  %s  %s"):format(paint(self, mark[1], mark[2]), width.pad(width.visible(finding.check), NAME),
    broken(self, width.visible(finding.found), indent))
  if not finding.hint then return line end
  return line .. "\n" .. (" "):rep(indent) .. paint(self, broken(self, width.visible(finding.hint), indent), "2")
end

--- Adds a finding.
---@param state "ok"|"warning"|"failed"
---@param check string
---@param found string
---@param hint? string
function Report:add(state, check, found, hint)
  local finding = { check = check, state = state, found = found, hint = state ~= "ok" and hint or nil }
  self.findings[#self.findings + 1] = finding
  if self.tell_ then self.tell_(lines_of(self, finding)) end
end

function Report:ok(check, found) self:add("ok", check, found) end

function Report:warning(check, found, hint) self:add("warning", check, found, hint) end

function Report:failed(check, found, hint) self:add("failed", check, found, hint) end

--- How many findings are of a state.
---@param state "ok"|"warning"|"failed"
---@return integer
function Report:count(state)
  local count = 0
  for _, finding in ipairs(self.findings) do
    if finding.state == state then count = count + 1 end
  end
  return count
end

--- All of it in a few words.
---@return string
function Report:summary()
  return ("%d ok, %d to look at, %d failed"):format(self:count "ok", self:count "warning", self:count "failed")
end

return report
