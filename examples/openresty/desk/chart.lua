--- A chart of how many periods end on each day, as SVG inside the page. Across it is drawn in percent and down in
--- pixels, so that it fits every width and its words keep their size.
local html = require "desk.html"

local HEIGHT, TOP, BOTTOM = 190, 20, 24 -- pixels: all of it, above the highest bar, below the bars
local GAP = 2 -- between what is stacked
local SHARE = 0.72 -- of a day's width that its bar takes
local LABEL_EVERY = 5 -- days

local chart = {}

local DAY = [[<g class="day"><title>{title}</title>]]
  .. [[<rect class="hit" x="{left}%" y="0" width="{width}%" height="100%"/>{bars}{count}{label}</g>]]
local BAR = [[<rect class="{class}" x="{left}%" y="{top}" width="{width}%" height="{height}" rx="2"/>]]
local TEXT = [[<text class="{class}" x="{middle}%" y="{base}">{text}</text>]]
local SVG = [[<svg role="img" aria-label="{summary}" width="100%" height="{height}">{days}]]
  .. [[<line x1="0" x2="100%" y1="{base}" y2="{base}"/></svg>]]

local function percent(value) return ("%.3f"):format(value) end

--- One day's bars, from the base line up.
local function bars(day, left, width, scale)
  local base, pieces = HEIGHT - BOTTOM, {}
  for _, part in ipairs { { "on", day.on }, { "off", day.off } } do
    if part[2] > 0 then
      local height = math.max(3, math.floor(part[2] * scale + 0.5))
      base = base - height
      pieces[#pieces + 1] = { class = part[1], left = left, width = width, top = base, height = height }
      base = base - GAP
    end
  end
  return html.each(pieces, function(piece) return html.fill(BAR, piece) end), base + GAP
end

local function text(class, middle, base, words)
  return html.fill(TEXT, { class = class, middle = middle, base = base, text = words })
end

--- Labels stand under every fifth day, and on a narrow screen under every tenth.
local function label(day, i, middle)
  if (i - 1) % LABEL_EVERY ~= 0 then return html.none end
  local class = (i - 1) % (2 * LABEL_EVERY) == 0 and "date" or "date wide"
  return text(i == 1 and class .. " first" or class, i == 1 and 0 or middle, HEIGHT - 6, day.name)
end

--- Draws the chart.
---@param days {name: string, title: string, on: integer, off: integer}[]
---@param summary string in words
---@return table piece
function chart.draw(days, summary)
  local most = 1
  for _, day in ipairs(days) do most = math.max(most, day.on + day.off) end
  local slot, scale = 100 / #days, (HEIGHT - TOP - BOTTOM - GAP) / most
  return html.fill(SVG, { summary = summary, height = HEIGHT, base = HEIGHT - BOTTOM,
    days = html.each(days, function(day, i)
      local left, middle = (i - 1) * slot, percent((i - 0.5) * slot)
      local drawn, top = bars(day, percent(left + slot * (1 - SHARE) / 2), percent(slot * SHARE), scale)
      local sum = day.on + day.off
      local class = (most < 10 or sum == most) and "count" or "count many" -- many find no room on a phone
      return html.fill(DAY, { title = day.title, left = percent(left), width = percent(slot), bars = drawn,
        count = sum > 0 and text(class, middle, top - 5, sum) or html.none, label = label(day, i, middle) })
    end) })
end

return chart
