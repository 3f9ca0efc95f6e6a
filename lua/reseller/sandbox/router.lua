--- Finds the row of the endpoint table that a request addresses.

local text = require "reseller.sandbox.text"

local router = {}

---@class reseller.sandbox.Router
---@field private roots_ string[]
---@field private routes_ table[]
local Router = {}
Router.__index = Router
Router.__name = "reseller.sandbox.router"

local function split(path)
  local segments = {}
  for segment in path:gmatch("/([^/]*)") do
    segments[#segments + 1] = segment
  end
  return segments
end

-- What all paths begin with, up to the first parameter and a whole segment.
local function common_root(rows)
  local root = rows[1].path:match("^[^{]*")
  for _, row in ipairs(rows) do
    while row.path:sub(1, #root) ~= root do
      root = root:sub(1, -2)
    end
  end
  return (root:gsub("/[^/]*$", ""))
end

-- A sandbox path such as `/dev/v1.0` answers under `/api` as well: the vendor writes both.
local function roots_of(platform, rows)
  local path = platform.sandbox_path
  if path == "" then return { common_root(rows) } end
  return { path, (path:gsub("^/[^/]+", "/api")) }
end

local function route_of(row, prefix)
  return { row = row, segments = split(prefix .. row.path), prefix = prefix }
end

---@param platform table  row of `core.platforms()`
---@param rows table[]  the platform's rows of `core.endpoints()`
---@return reseller.sandbox.Router
function router.new(platform, rows)
  local self = setmetatable({ roots_ = roots_of(platform, rows), routes_ = {} }, Router)
  local prefixes = platform.sandbox_path == "" and { "" } or self.roots_
  for _, prefix in ipairs(prefixes) do
    for _, row in ipairs(rows) do
      table.insert(self.routes_, route_of(row, prefix))
    end
  end
  return self
end

-- Length of the longest root that the path lies under.
local function depth_under(roots, path)
  local depth = 0
  for _, root in ipairs(roots) do
    local below = path:sub(#root + 1, #root + 1)
    if path:sub(1, #root) == root and (below == "" or below == "/") then depth = math.max(depth, #root) end
  end
  return depth
end

--- Whether the path belongs to this platform, known or not.
---@param path string
---@return boolean
function Router:owns(path)
  return depth_under(self.roots_, path) > 0
end

local function match(route, segments)
  if #route.segments ~= #segments then return nil end
  local values = {}
  for i, expected in ipairs(route.segments) do
    local name = expected:match("^{(.+)}$")
    local value = text.percent_decode(segments[i])
    if not value or value == "" or not name and value ~= expected then return nil end
    if name then values[name] = value end
  end
  return values
end

---@param method string
---@param path string  percent-encoded
---@return table? row  nil when the path has no row, or none with this method
---@return table|string values  path parameters as text, or the methods that the path allows
function Router:find(method, path)
  local segments, allowed = split(path), {}
  for _, route in ipairs(self.routes_) do
    local values = match(route, segments)
    if values and route.row.method == method then return route.row, values end
    if values then allowed[#allowed + 1] = route.row.method end
  end
  return nil, table.concat(allowed, ", ")
end

return router
