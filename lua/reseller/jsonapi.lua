--- Flattens JSON:API documents (https://jsonapi.org/format/): attributes and relationships sit on the
--- resource, resources that came along are linked in place, by identity.
---
--- The document is taken apart in place: each attributes object becomes the resource. Where an
--- attribute has the name of something else on the resource, it is kept under `attributes`.
local json = require "reseller.json"

local AT_ONCE = 64 -- resources, which take less than a millisecond

local jsonapi = {}

local flatten_values

local function is_resource(t)
  return type(t) == "table" and t.type ~= nil and t.id ~= nil and type(t.attributes) == "table"
end

--- Moves a member of the envelope onto the resource; an attribute of that name steps aside.
local function put(resource, name, value)
  if value == nil then return end
  local attribute = resource[name]
  if attribute ~= nil and name ~= "attributes" then
    resource.attributes = resource.attributes or {}
    resource.attributes[name] = attribute
  end
  resource[name] = value
end

--- Makes an envelope a resource, and notes what is left to link.
local function flatten_resource(envelope, unlinked, is_flat)
  if type(envelope) ~= "table" then return envelope end
  local resource = envelope.attributes
  if type(resource) ~= "table" then resource = {} end
  if not is_flat then flatten_values(resource, unlinked) end
  if type(envelope.relationships) == "table" then unlinked[resource] = envelope.relationships end
  for name, value in pairs(envelope) do
    if name ~= "attributes" and name ~= "relationships" then put(resource, name, value) end
  end
  return resource
end

--- What { data = … } inside attributes stands for, nil if it is no JSON:API.
local function nested(value, unlinked)
  local data = value.data
  if type(data) ~= "table" or next(value, next(value)) ~= nil then return nil end
  if is_resource(data) then return flatten_resource(data, unlinked) end
  if next(data) == nil then return json.is_array(data) and data or nil end
  for i = 1, #data do
    if not is_resource(data[i]) then return nil end
  end
  if #data == 0 then return nil end
  for i = 1, #data do data[i] = flatten_resource(data[i], unlinked) end
  return data
end

--- Flattens the JSON:API inside attributes, at any depth.
function flatten_values(t, unlinked)
  for name, value in pairs(t) do
    if type(value) == "table" then
      local resource = nested(value, unlinked)
      if resource then t[name] = resource else flatten_values(value, unlinked) end
    end
  end
end

--- The resources of a document by type, then by id as text.
local function find(index, ref)
  local ids, id = index[ref.type or ""], ref.id
  return ids and ids[type(id) == "number" and tostring(id) or id]
end

local function remember(index, envelope, resource)
  local kind, id = envelope.type, envelope.id
  if kind == nil or id == nil then return end
  local ids = index[kind]
  if not ids then ids = {}; index[kind] = ids end
  if type(id) == "number" then id = tostring(id) end
  if not ids[id] then ids[id] = resource end
end

local function resolve(ref, index)
  if type(ref) ~= "table" then return ref end
  if ref.id ~= nil then return find(index, ref) or ref end
  for i = 1, #ref do
    local item = ref[i]
    if type(item) == "table" and item.id ~= nil then ref[i] = find(index, item) or item end
  end
  return ref
end

local function link(resource, relationships, index)
  for name, relationship in pairs(relationships) do
    if type(relationship) == "table" then put(resource, name, resolve(relationship.data, index)) end
  end
end

--- The primary data of a document, flattened and linked. The document is used up.
---@param document table
---@param is_flat? boolean there is no JSON:API inside its attributes
---@param pause? fun() called now and then while a long list is flattened
---@return table|nil data a resource, or a list of them; nil if the document has no data
function jsonapi.flatten(document, is_flat, pause)
  local data, included = document.data, document.included
  if type(data) ~= "table" then return data end
  local single = data.id ~= nil
  local envelopes, index, resources, unlinked = single and { data } or data, {}, {}, {}
  local count = #envelopes
  if type(included) == "table" then
    local all = {}
    for i = 1, count do all[i] = envelopes[i] end
    for i = 1, #included do all[count + i] = included[i] end
    envelopes = all
  end
  for i = 1, #envelopes do
    local envelope = envelopes[i]
    resources[i] = flatten_resource(envelope, unlinked, is_flat)
    if type(envelope) == "table" then remember(index, envelope, resources[i]) end
    if pause and i % AT_ONCE == 0 then pause() end
  end
  local linked = 0
  for resource, relationships in pairs(unlinked) do
    link(resource, relationships, index)
    linked = linked + 1
    if pause and linked % AT_ONCE == 0 then pause() end
  end
  if single then return resources[1] end
  for i = 1, count do data[i] = resources[i] end
  return data
end

return jsonapi
