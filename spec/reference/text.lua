--- What generators of texts share: files, tables of Markdown, and how a row of the endpoint table is written.
local text = {}

---@param path string
---@return string
function text.read(path)
  local file = assert(io.open(path))
  local content = file:read "*a"
  file:close()
  return content
end

---@param path string
---@param content string
function text.write(path, content)
  local file = assert(io.open(path, "w"))
  file:write(content)
  file:close()
end

--- Adds a line, made of a template if there is something to put into it.
---@param lines string[]
---@param template string
function text.add(lines, template, ...)
  lines[#lines + 1] = select("#", ...) > 0 and template:format(...) or template
end

--- A row of a table in Markdown.
function text.cells(...) return "| " .. table.concat({ ... }, " | ") .. " |" end

--- The head of a table in Markdown.
function text.heading(...) return text.cells(...) .. "\n" .. ("|---"):rep(select("#", ...)) .. "|" end

--- Words as code, also inside a table.
function text.code(words) return "`" .. tostring(words):gsub("|", "\\|") .. "`" end

--- The parts of a parameter's name such as page[size].
---@param name string
---@return string|nil group nil for a name without parts
---@return string|nil inner
function text.parts(name) return name:match "^(.-)%[(.-)%]$" end

--- True for a parameter that a method takes by its place.
function text.is_positional(param) return param.place == "path" and not param.option end

--- The parameters by where a method takes them: names before the table, and those in it.
local function arguments(row)
  local before, inside, by_group = {}, {}, {}
  for _, param in ipairs(row.params) do
    local group, inner = text.parts(param.name)
    if text.is_positional(param) then
      before[#before + 1] = param.name
    elseif group then
      if not by_group[group] then
        by_group[group] = {}
        inside[#inside + 1] = { group = by_group[group], name = group }
      end
      table.insert(by_group[group], inner .. "?")
    else
      inside[#inside + 1] = { name = param.name .. (param.required and not param.option and "" or "?") }
    end
  end
  return before, inside
end

local function table_of(inside)
  local names = {}
  for i, item in ipairs(inside) do
    names[i] = item.group and ("%s? = { %s }"):format(item.name, table.concat(item.group, ", ")) or item.name
  end
  return "{ " .. table.concat(names, ", ") .. " }"
end

--- How the method of a row is written: verb_noun(id, { field, optional? }).
---@param name string
---@param row table
---@param more? string[] names that the table may have besides
---@return string
function text.signature(name, row, more)
  local before, inside = arguments(row)
  for _, extra in ipairs(more or {}) do inside[#inside + 1] = { name = extra .. "?" } end
  if #before == 0 and #inside > 0 then return name .. " " .. table_of(inside) end
  if #inside > 0 then before[#before + 1] = table_of(inside) end
  return ("%s(%s)"):format(name, table.concat(before, ", "))
end

--- What values a parameter takes.
---@param param table
---@return string
function text.values(param)
  if param.choices then
    local list = table.concat(param.choices, ", ")
    return (param.type == "list" and "list of " or "") .. list
  end
  if not param.min then return param.type == "string" and "text" or param.type end
  return param.max and ("%s, %d to %d"):format(param.type, param.min, param.max)
    or ("%s, from %d"):format(param.type, param.min)
end

--- A row of a table of parameters: name, values, default, meaning.
---@param param table
---@param missing? string what is told of one that has no default
---@return string
function text.parameter(param, missing)
  local default = param.default ~= nil and text.code(param.default) or param.option and "the client's" or missing or ""
  return text.cells(text.code(param.name), text.values(param), default, param.doc)
end

--- Writes files, or with --check as the first argument compares them and ends with 1 if one would change.
---@param files {path: string, content: string}[]
---@param command string what makes them anew
---@param argument string|nil
function text.finish(files, command, argument)
  local behind = {}
  for _, file in ipairs(files) do
    local opened = io.open(file.path)
    local old = opened and opened:read "*a"
    if opened then opened:close() end
    if old ~= file.content then behind[#behind + 1] = file end
  end
  for _, file in ipairs(behind) do
    if argument == "--check" then
      io.stderr:write(("%s is behind its sources: run %s\n"):format(file.path, command))
    else
      text.write(file.path, file.content)
    end
  end
  if argument == "--check" and #behind > 0 then os.exit(1) end
end

return text
