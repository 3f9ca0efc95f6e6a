--- The plans an ActivePlatform sandbox sells. The first is the one on the vendor's page.

local texts = require "reseller.sandbox.activeplatform_texts"
local template = require "reseller.sandbox.template"

local catalogue = {}

local G_SUITE = {
  id = 1200,
  created_at = "2019-04-21T10:36:06.141+03:00",
  status = "inactive",
  name = "G Suite Business",
  description = "G Suite Business – Google",
  public = false,
  product_id = 575,
  billing_type = "g_suite",
  vendor = "G Suite",
  resources = {
    { id = 3463, resource_id = 1494, name = "User", fee = "0.0",
      created_at = "2019-04-21T10:36:06.192+03:00" },
  },
  periods = {
    { id = 2014, duration = 1, unit = "month", fee = "0.0", trial = false,
      created_at = "2019-04-21T10:36:06.214+03:00" },
    { id = 2020, fee = "0.0", trial = false, description = "", created_at = "2019-05-03T14:20:04.124+03:00" },
  },
}

-- `months` are the lengths of the periods on offer; their ids count from `first_period`.
local OTHERS = {
  { id = 804, name = "CSP monthly", vendor = "Office 365", billing_type = "microsoft_csp", fee = "410.5",
    resources = { "Пользователь" }, months = { 1 }, first_period = 1614 },
  { id = 811, name = "Office 365 Бизнес", vendor = "Office 365", billing_type = "office_365", fee = "785.0",
    resources = { "Пользователь", "Архив" }, months = { 1, 12 }, first_period = 1622 },
  { id = 905, name = "Виртуальный сервер", vendor = "VPS", billing_type = "vsp", fee = "1290.99",
    resources = { "vCPU", "RAM, ГБ", "SSD, ГБ" }, months = { 1, 6, 12 }, first_period = 1810 },
  { id = 917, name = "Резервное копирование", vendor = "Acronis", billing_type = "acronis", fee = "0.37",
    resources = { "Хранилище, ГБ" }, months = { 1 }, first_period = 1834 },
  { id = 1031, name = "Антивирус для дома", vendor = "Kaspersky", billing_type = "vsp", fee = "99.9",
    resources = { "Устройство" }, months = { 12 }, first_period = 2062 },
  { id = 1044, name = "Mail Hosting", vendor = "Zimbra", billing_type = "zimbra", fee = "55.0",
    resources = { "Mailbox" }, months = { 1, 3, 12 }, first_period = 2088 },
  { id = 1102, name = "Workspace Starter", vendor = "G Suite", billing_type = "g_suite", fee = "468.0",
    resources = { "User" }, months = { 1, 12 }, first_period = 2204 },
  { id = 1150, name = "Бесплатный пробный период", vendor = "VPS", billing_type = "vsp", fee = "0.0",
    resources = {}, months = { 1 }, first_period = 2300 },
  { id = 1199, name = "SaaS CRM «Контакт»", vendor = "CRM", billing_type = "vendor_service", fee = "1499.0",
    resources = { "Менеджер" }, months = { 1, 12 }, first_period = 2398 },
}

local function resources_of(plan, created_at)
  local resources = {}
  for i, name in ipairs(plan.resources) do
    resources[i] = {
      id = plan.id * 3 + i,
      resource_id = plan.id + 300 + i,
      name = name,
      created_at = created_at,
      fee = plan.fee,
    }
  end
  return resources
end

local function periods_of(plan, created_at)
  local periods = {}
  for i, months in ipairs(plan.months) do
    periods[i] = {
      id = plan.first_period + i - 1,
      duration = months,
      unit = "month",
      fee = plan.fee,
      trial = plan.fee == "0.0",
      created_at = created_at,
    }
  end
  return periods
end

local function other_plan(plan)
  local id = plan.id
  local created_at = ("2019-0%d-1%dT09:15:%02d.%03d+03:00"):format(id % 9 + 1, id % 7, id % 60, id % 1000)
  return {
    id = id,
    created_at = created_at,
    status = "active",
    name = plan.name,
    description = plan.name .. " – " .. plan.vendor,
    public = true,
    product_id = 100 + id % 50,
    billing_type = plan.billing_type,
    vendor = plan.vendor,
    resources = resources_of(plan, created_at),
    periods = periods_of(plan, created_at),
  }
end

--- All plans, fresh tables.
---@return table[]
function catalogue.plans()
  local plans = { G_SUITE }
  for i, row in ipairs(OTHERS) do
    plans[i + 1] = other_plan(row)
  end
  return plans
end

local function nested(render, items, vendor)
  local rendered = {}
  for i, item in ipairs(items) do
    local values = setmetatable({ id = ("%d"):format(item.id), vendor = vendor }, { __index = item })
    rendered[i] = render(values)
  end
  return template.array(rendered)
end

--- The plan as a resource object.
---@param plan table
---@return string
function catalogue.text(plan)
  local values = {
    id = ("%d"):format(plan.id),
    resources = nested(texts.plan_resource, plan.resources, plan.vendor),
    periods = nested(texts.plan_period, plan.periods),
  }
  return texts.plan(setmetatable(values, { __index = plan }))
end

return catalogue
