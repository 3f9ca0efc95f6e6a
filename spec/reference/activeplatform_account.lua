--- The account of a customer of ActivePlatform, and what hangs on it.
local SOURCE = "https://docs.activeplatform.com/activeplatform-reseller-api-reference-guide-en/get-list-of-accounts"
local MONEY = "a decimal number as text"

local function with_dates(class, dates)
  for _, field in ipairs(dates) do class[#class + 1] = field end
  return class
end

local account = { name = "Account", doc = "A customer. Most of it is personal data.", source = SOURCE,
  { "id", "string" },
  { "type", '"accounts"' },
  { "reseller_id", "integer" },
  { "name", "string" },
  { "primary_name", "string" },
  { "first_name", "string", "this and what follows may be empty" },
  { "middle_name", "string" },
  { "last_name", "string" },
  { "country", "string", "ISO 3166-1, two letters" },
  { "region", "string" },
  { "city", "string" },
  { "street", "string" },
  { "building", "string" },
  { "office", "string" },
  { "zip", "string" },
  { "phone", "string" },
  { "email", "string" },
  { "status", '"active"|string' },
  { "balance", "string", MONEY .. ", such as `\"9066.03\"`" },
  { "usable_balance", "string", MONEY },
  { "current_debt", "number" },
  { "subscription_credit_limit", "number", "text inside `account_class`" },
  { "financial_blocking_threshold", "number", "text inside `account_class`" },
  { "default_payment_model", '"prepay"|"postpay"|string' },
  { "account_class_id", "integer" },
  { "account_class", "AccountClass" },
  { "account_type_id", "integer" },
  { "account_type", "AccountType" },
  { "owner_id", "integer" },
  { "owner", "Owner" },
  { "tech_user_id", "integer" },
  { "bill_user_id", "integer" },
  { "manager_id?", "integer" },
  { "manager?", "table", "never seen but null" },
  { "custom_attributes", "table<string, string>" },
  { "subscriptions", "(Subscription|Ref)[]", "can be long" },
}

local owner = { name = "Owner", doc = "The user who owns an account.", source = SOURCE,
  { "email", "string" },
  { "account_status", '"active"|string' },
  { "global_status", '"active"|string' },
  { "first_name", "string" },
  { "middle_name", "string" },
  { "last_name", "string" },
}

local account_type = { name = "AccountType", doc = "Such as a person or a company. Its id is an integer.",
  source = SOURCE,
  { "id", "integer" },
  { "name", "string" },
  { "key", '"business"|"personal"|string' },
  { "reseller_id", "integer" },
  { "name_pattern", "string", "such as `%primary_name`" },
  { "primary_name", "string", "what the field of that name is called" },
  { "default_payment_method_id", "integer" },
  { "ancestry?", "string", "undocumented" },
  { "use_by_default", "boolean" },
}

local account_class = { name = "AccountClass", doc = "The terms of a customer. Its id is an integer.", source = SOURCE,
  { "id", "integer" },
  { "name", "string" },
  { "key", "string" },
  { "color", "string" },
  { "reseller_id", "integer" },
  { "default", "boolean" },
  { "denominated", "boolean" },
  { "payment_model", '"prepay"|"postpay"|string' },
  { "buy_with_negative_balance", "boolean" },
  { "subscription_credit_limit", "string", MONEY .. "; a number on the account" },
  { "financial_blocking_threshold", "string", MONEY .. "; a number on the account" },
  { "guaranteed_payment_limit", "number" },
  { "guaranteed_payment_period", "integer", "days, it seems, as in what follows" },
  { "due_order_period", "integer" },
  { "due_payment_period", "integer" },
  { "subzero_period", "integer" },
  { "receipt_day?", "integer", "never seen but null" },
  { "stop_subscription_type", '"automatically"|string' },
  { "delete_subscription_type", '"automatically"|string' },
}

---@param dates table fields that each of them has
---@return table[] classes
return function(dates)
  local classes = { account, owner, account_type, account_class }
  for i, class in ipairs(classes) do classes[i] = with_dates(class, dates) end
  return classes
end
