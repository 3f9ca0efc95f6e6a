--- How far a bulk change is, on stderr: one line, drawn anew in its place on a terminal, else a line now and then.
local duration = require "reseller.cli.duration"

local WIDEST_BAR, NARROWEST_BAR = 30, 8
local REDRAW_SECONDS = 0.1
local FIRST_LINE_SECONDS, LINE_SECONDS = 10, 30

-- A terminal that became narrower cuts the line instead of spilling it over the next ones.
local NO_WRAP, WRAP = "\27[?7l", "\27[?7h"

local reasons = { limit = "for the limit", pause = "as the platform asks", retry = "before it tries again",
  settle = "to be sure of an unknown one" }

---@class reseller.cli.Progress
local Progress = {}
Progress.__index = Progress

local progress = {}

---@class reseller.cli.progress.Options
---@field world reseller.cli.World
---@field doing string such as "Renewing"
---@field total integer rows
---@field eta fun(left: integer): number? seconds that the limit asks for

--- Begins to show.
---@param options reseller.cli.progress.Options
---@return reseller.cli.Progress
function progress.new(options)
  local world = options.world
  return setmetatable({
    world_ = world, doing_ = options.doing, total_ = options.total, eta_ = options.eta, began_ = world.now(),
    counts_ = { done = 0, failed = 0, unknown = 0, skipped = 0 }, seen_ = 0, tried_ = 0, drawn_at_ = -math.huge,
    line_due_ = world.now() + FIRST_LINE_SECONDS, is_live_ = world.err_is_terminal,
  }, Progress)
end

--- Seconds that the rest will take: what the limit asks for, or what it took so far, whichever is more.
function Progress:seconds_left_()
  local left = self.total_ - self.seen_
  if left == 0 then return 0 end
  local pace = self.tried_ > 0 and (self.world_.now() - self.began_) / self.tried_ or 0
  return math.max(self.eta_(left) or 0, pace * left)
end

local function bar(width, part)
  local filled = math.floor(width * part)
  return "[" .. ("#"):rep(filled) .. ("."):rep(width - filled) .. "]"
end

--- The counts that are worth a word.
function Progress:counts_text_(separator)
  local parts = {}
  for _, name in ipairs { "done", "failed", "unknown" } do
    if name == "done" or self.counts_[name] > 0 then parts[#parts + 1] = ("%d %s"):format(self.counts_[name], name) end
  end
  return table.concat(parts, separator)
end

--- What there is to say of time, the longest words first.
function Progress:tails_()
  if self.waiting_ then
    local seconds = math.max(0, math.ceil(self.waiting_.till - self.world_.now()))
    local left = duration.format(self.left_ or 0)
    local words = ("waits %d s %s"):format(seconds, reasons[self.waiting_.reason] or "")
    return { ("%s, %s left"):format(words, left), words, ("waits %d s"):format(seconds) }
  end
  if self.seen_ == self.total_ then return { "", "", "" } end
  local left = duration.format(self.left_ or 0)
  return { left .. " left", left .. " left", left }
end

--- The line for a width: as much as there is room for.
---@param width integer
---@return string
function Progress:text_(width)
  local tails, number = self:tails_(), ("%d/%d"):format(self.seen_, self.total_)
  local part = self.total_ > 0 and self.seen_ / self.total_ or 1
  local tries = {
    ("%s \0 %s  %s  %s"):format(self.doing_, number, self:counts_text_ ", ", tails[1]),
    ("%s \0 %s  %s  %s"):format(self.doing_, number, self:counts_text_ ", ", tails[2]),
    ("\0 %s  %s  %s"):format(number, self:counts_text_ ", ", tails[2]),
    ("%s  %s  %s"):format(number, self:counts_text_ ", ", tails[2]),
    ("%s  %s  %s"):format(number, self:counts_text_ " ", tails[3]), ("%s  %s"):format(number, tails[3]), number,
  }
  for _, padded in ipairs(tries) do
    local text = padded:gsub(" +$", "")
    local room = width - #text - 1 -- without the mark for the bar, with its brackets
    if not text:find "\0" and #text <= width then return text end
    if text:find "\0" and room >= NARROWEST_BAR then
      return (text:gsub("%z", function() return bar(math.min(room, WIDEST_BAR), part) end))
    end
  end
  return ""
end

--- Draws the line, if that is due.
function Progress:draw_(must)
  if not self.is_live_ or self.hidden_ then return end
  local now = self.world_.now()
  if not must and now - self.drawn_at_ < REDRAW_SECONDS then return end
  self.drawn_at_ = now
  self.world_.err:write(NO_WRAP, "\r", self:text_(self.world_.columns - 1), "\27[K", WRAP):flush()
end

--- A whole line, for what is no terminal.
function Progress:line_()
  if self.is_live_ or self.world_.now() < self.line_due_ then return end
  self.line_due_ = self.world_.now() + LINE_SECONDS
  self.world_.err:write(("%s: %d of %d: %s, about %s left\n"):format(self.doing_, self.seen_, self.total_,
    self:counts_text_ ", ", duration.format(self.left_ or 0))):flush()
end

--- Shows that work begins.
function Progress:begin()
  self.left_ = self:seconds_left_()
  self:draw_(true)
end

--- Counts one row.
---@param outcome string
---@param was_sent? boolean whether it took time
function Progress:count(outcome, was_sent)
  self.waiting_ = nil
  self.seen_, self.tried_ = self.seen_ + 1, self.tried_ + (was_sent and 1 or 0)
  self.counts_[outcome] = (self.counts_[outcome] or 0) + 1
  self.left_ = self:seconds_left_()
  self:draw_()
  self:line_()
end

--- Takes a row back that was counted, because more was found out about it.
---@param outcome string
function Progress:uncount(outcome) self.seen_, self.counts_[outcome] = self.seen_ - 1, self.counts_[outcome] - 1 end

--- Shows that something waits; told again while it lasts, it counts down.
---@param seconds number
---@param reason string
function Progress:wait(seconds, reason)
  self.waiting_ = { till = self.world_.now() + seconds, reason = reason }
  self:draw_(true)
  if not self.is_live_ and seconds >= LINE_SECONDS then self.line_due_ = self.world_.now() end
  self:line_()
end

--- Draws the line again while something waits.
function Progress:tick() self:draw_() end

--- Prints a line of its own, above.
---@param text string
function Progress:say(text)
  if self.is_live_ then self.world_.err:write "\r\27[K" end
  self.world_.err:write(text, "\n"):flush()
  self:draw_(true)
end

--- Ends the line.
function Progress:close()
  if not self.is_live_ or self.hidden_ then return end
  self.waiting_ = nil
  self:draw_(true)
  self.world_.err:write "\n":flush()
  self.hidden_ = true
end

return progress
