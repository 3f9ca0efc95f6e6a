--- The one shape of errors, and the words for what went wrong.

---@alias reseller.kind
---| "invalid"   refused here, nothing sent
---| "auth"      401 or 403
---| "not_found" 404
---| "limited"   429, or 503 with Retry-After
---| "rejected"  any other 4xx, a redirect, or a success body that says no
---| "server"    5xx
---| "network"   no connection, or it broke
---| "timeout"
---| "tls"       the certificate or the handshake was not good
---| "decode"    a reply that cannot be read
---| "too_large" a reply over the cap
---| "unknown"   a change may or may not have happened
---| "refused"   a guard of ours
---| "closed"    the client was closed
---| "memory"

---@class reseller.Error
---@field kind reseller.kind
---@field endpoint string
---@field platform? string
---@field message string
---@field field? string the parameter at fault
---@field status? integer
---@field headers? table<string, string>
---@field retry_after? number seconds
---@field body? string the first 512 bytes of the reply, secrets masked
---@field sent "no"|"maybe"|"yes" whether the last try reached the server
---@field attempts integer how often the request was sent
---@field elapsed number seconds
---@field request_id? string
---@field entry? integer number of the call in the ledger
---@field unrecorded? string why the ledger could not take the outcome

local errors = {}

local Error = { __name = "reseller.Error" }

function Error:__tostring()
  local status = self.status and (" (HTTP " .. self.status .. ")") or ""
  return ("%s: %s%s: %s"):format(self.endpoint, self.kind, status, self.message)
end

--- The metatable of errors, to know them by.
errors.class = Error

--- Gives a table of fields the metatable of errors.
---@param fields table
---@return reseller.Error
function errors.new(fields)
  fields.attempts = fields.attempts or 0
  fields.elapsed = fields.elapsed or 0
  fields.sent = fields.sent or "no"
  return setmetatable(fields, Error)
end

--- The first text among the fields that servers commonly use, nil if there is none.
local function text_of(value)
  if type(value) == "string" then return value ~= "" and value or nil end
  if type(value) ~= "table" then return nil end
  local title, detail = text_of(value.title), text_of(value.detail)
  if title and detail then return title .. ": " .. detail end
  return title or detail or text_of(value.message) or text_of(value.error) or text_of(value.error_description)
end

--- The texts of `errors`, which comes as an object, as an array, or as texts by field.
local function texts_of(value)
  local single = text_of(value)
  if single or type(value) ~= "table" then return single end
  local texts = {}
  for i = 1, #value do texts[#texts + 1] = text_of(value[i]) end
  for name, inner in pairs(value) do
    local text = type(name) == "string" and (text_of(inner) or texts_of(inner))
    if text then texts[#texts + 1] = name .. ": " .. text end
  end
  return #texts > 0 and table.concat(texts, "; ") or nil
end

--- What an HTML page says to a person.
local function text_of_html(html)
  local title = html:match "<[tT][iI][tT][lL][eE][^>]*>%s*(.-)%s*</" or html:match "<[hH]1[^>]*>%s*(.-)%s*</"
  local text = title or html:gsub("<[sS][tT][yY][lL][eE].-</[^>]*>", " "):gsub("<[^>]*>", " ")
  text = text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")
  return text ~= "" and "a web page: " .. text:sub(1, 200) or nil
end

--- Makes one readable line out of the body of an error reply.
---@param body string
---@param value any the decoded body, nil if it is not JSON
---@return string|nil
function errors.text(body, value)
  if type(value) == "table" then
    return texts_of(value.errors) or text_of(value) or text_of(value.data)
  end
  if body:find "^%s*<" then return text_of_html(body) end
  local line = body:match "^%s*([^\r\n]+)"
  return line and line:gsub("[^\32-\126]", "?"):sub(1, 200)
end

local months = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10,
  Nov = 11, Dec = 12 }

--- Days from 1970-01-01 to a date of the Gregorian calendar.
local function days(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  return 365 * year + math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
    + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

--- Seconds that a Retry-After header asks for (RFC 9110, 10.2.3): a number, or an HTTP date.
---@param header string|nil
---@param now number seconds since 1970
---@return number|nil
function errors.retry_after(header, now)
  if not header then return nil end
  local seconds = header:match "^%s*(%d+)%s*$"
  if seconds then return tonumber(seconds) end
  local day, month, year, hour, minute, second =
    header:match "(%d%d?)[ -](%a%a%a)[ -](%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT"
  if not day or not months[month] then return nil end
  local at = days(tonumber(year), months[month], tonumber(day)) * 86400 + hour * 3600 + minute * 60 + second
  return math.max(0, at - now)
end

return errors
