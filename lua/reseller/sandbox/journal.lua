--- The books of the sandbox: every request and every charge, the latest ones kept.

local journal = {}

local KEPT = 10000

---@class reseller.sandbox.Book
---@field private records_ table<integer, table>  by sequence number
---@field private first_ integer
---@field private last_ integer
---@field private kept_ integer
local Book = {}
Book.__index = Book
Book.__name = "reseller.sandbox.journal"

---@param kept? integer  how many records to keep; 10,000 unless given
---@return reseller.sandbox.Book
function journal.new(kept)
  return setmetatable({ records_ = {}, first_ = 1, last_ = 0, kept_ = kept or KEPT }, Book)
end

--- Adds a record and numbers it.
---@param record table
---@return table record
function Book:add(record)
  self.last_ = self.last_ + 1
  record.seq = self.last_
  self.records_[self.last_] = record
  if self.last_ - self.first_ >= self.kept_ then
    self.records_[self.first_] = nil
    self.first_ = self.first_ + 1
  end
  return record
end

--- How many records were ever added.
---@return integer
function Book:count()
  return self.last_
end

--- The records kept, oldest first, from number `since` + 1 on.
---@param since? integer
---@return table[]
function Book:list(since)
  local records = {}
  for seq = math.max(self.first_, (since or 0) + 1), self.last_ do
    records[#records + 1] = self.records_[seq]
  end
  return records
end

return journal
