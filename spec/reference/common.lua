--- What belongs to no platform, and is not annotated where it is made: rows of the endpoint table, entries of the
--- ledger, the terms of a call. In the form of ghostealth.lua, with whole names of classes.
local common = {}

common.classes = {
  { name = "reseller.Endpoint", doc = "A row of the endpoint table.",
    { "index", "integer", "its place in the table" },
    { "id", "string", "name of the method" },
    { "platform", '"ghostealth"|"activeplatform"' },
    { "method", '"GET"|"POST"|"PUT"|"PATCH"|"DELETE"' },
    { "path", "string", "below `base_url`; `{name}` stands for a parameter" },
    { "effect", '"read"|"write"|"transition"|"spend"' },
    { "paging?", '"counted"|"linked"', "of a list" },
    { "result", '"one"|"many"|"confirmed"|"nothing"', "what a success holds" },
    { "params", "reseller.Parameter[]", "those by position first, in their order" },
    { "settle?", '"period"|"plan"|"status"|"new"', "by what a look tells that it was carried out" },
    { "view?", "reseller.View", "where one looks" },
    { "becomes?", "reseller.State", "what is so when it was carried out, for `settle` by status" },
    { "doc", "string" },
    { "source", "string", "the vendor's page" } },
  { name = "reseller.Parameter", doc = "A parameter of an endpoint.",
    { "name", "string", "as the vendor spells it" },
    { "place", '"path"|"query"|"body"' },
    { "type", '"string"|"integer"|"boolean"|"list"' },
    { "required", "boolean" },
    { "option", "boolean", "it falls back to the client's option of this name" },
    { "min?", "integer" },
    { "max?", "integer" },
    { "choices?", "(string|integer)[]" },
    { "default?", "string|integer|boolean", "sent when it is not given" },
    { "seen?", "string", "where the list shows it; dotted" },
    { "doc", "string" } },
  { name = "reseller.View", doc = "Where one looks at what calls change.",
    { "list", "string", "id of the endpoint that lists it" },
    { "end", "string", "field with the end of the period; dotted, as the next ones" },
    { "price", "string" },
    { "currency", "string" } },
  { name = "reseller.State", doc = "A field and its value as text.",
    { "field", "string" },
    { "value", "string" } },
  { name = "reseller.ledger.Entry", doc = "A spend or a change of state, as the ledger has it.",
    { "id", "integer" },
    { "revision", "integer", "number of its last change, over all entries" },
    { "at", "string", "when it was intended, UTC" },
    { "account", "string", "a hash of the credential" },
    { "platform", '"ghostealth"|"activeplatform"' },
    { "endpoint", "string" },
    { "effect", '"transition"|"spend"' },
    { "subject", "string", "id of what it is about; `new …` for a purchase" },
    { "parameters", "string", "JSON" },
    { "state_before?", "string", "JSON: what was seen before" },
    { "caller_key?", "string", "the call's `key`" },
    { "verdict", '"intent"|"sent"|"done"|"refused"|"unknown"' },
    { "kind?", "reseller.kind", "of the error" },
    { "evidence?", "string", "how the verdict is known" },
    { "changed", "string", "when it was changed last, UTC" },
    { "since_ms", "integer", "the same in milliseconds since 1970" },
    { "sends", "integer", "how often it went on the wire" },
    { "amount?", "integer", "minor units, if the price is known" },
    { "currency?", "string", "ISO 4217" },
    { "made?", "string", "id of what it made" },
    { "result?", "string", "the body of the reply" },
    { "host", "string", "of the process, as the next ones" },
    { "pid", "integer" },
    { "started", "integer" },
    { "turn", "integer" },
    { "lease_ms", "integer" } },
}

-- The terms of a call that are not the platform's, by their names.
common.terms = {
  key = { "string", "your own name for this call: once done, a call with the same key returns what was recorded and "
    .. "sends nothing; needs a ledger" },
  expect_end = { "integer", "renews only if the period still ends then (milliseconds since 1970, as in "
    .. '`period["end"].timestamp`)' },
}

common.pages_ahead = { "integer", "how many pages may be fetched at once; 0 unless given" }

-- What happens when something goes wrong on the way, by effect.
common.effects = {
  read = "changes nothing; sent again after failures that pass, at most `retries` times",
  write = "changes something, and may be repeated; sent again after failures that pass, at most `retries` times",
  transition = "changes a state; sent again only if it was never sent, or refused unread",
  spend = "costs money; sent again only if it was never sent, or refused unread",
}

-- How the pages of a list are told apart, by the row's paging.
common.pagings = {
  counted = "by number, from 0; nothing in the reply tells how many there are",
  linked = "by number, from 1; the reply has links, `meta.page` the numbers in them",
}

-- Types of what the sources make without annotations.
common.module = { version = "string", null = "lightuserdata" }

return common
