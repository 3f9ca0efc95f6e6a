/* The one place that knows a path, a parameter or a limit. Sources: the vendors' pages named in
 * each row. */
#include "endpoint.h"

#define CHOICES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define PARAMS(...)  ((const rs_param[]){__VA_ARGS__, {0}})
#define GHOSTEALTH   "https://ghostealth.com/documentation/reseller/subscriptions"
#define ACTIVE       "https://docs.activeplatform.com/activeplatform-reseller-api-reference-guide-en/"

const rs_platform rs_platforms[] = {
    {
        .name = "ghostealth",
        .title = "Ghostealth",
        .base_url = "https://api.ghostealth.com/dev/v1.0",
        .sandbox_path = "/dev/v1.0",
        .sandbox_credential = "GHO-sandboxkey-STEA-sandboxkey-LTH",
        .credential = "api_key",
        .auth_header = "Authorization: ApiKey ",
        .credential_hint =
            "use the key from the reseller dashboard; the key from the ordinary account "
            "settings does not work here",
        .media_type = "application/json",
        .limit_requests = 10,
        .limit_seconds = 60,
    },
    {
        .name = "activeplatform",
        .title = "ActivePlatform",
        .sandbox_path = "",
        .sandbox_credential = "sandbox-manager-token0",
        .credential = "api_token",
        .auth_header = "X-Api-Token: ",
        .credential_hint =
            "the manager whose token this is must have the role for this call, and the "
            "subscription must be in a state that allows it",
        .media_type = "application/vnd.api+json",
        .jsonapi = true,
    },
};
const size_t rs_platform_count = sizeof rs_platforms / sizeof *rs_platforms;

static const rs_view subscriptions = {
    .list = "list_subscriptions",
    .end = "period.end.timestamp",
    .price = "plan.price.grossAmount",
    .currency = "plan.price.currency",
};

#define SUBSCRIPTION_ID                                                                            \
  {                                                                                                \
    .name = "subscriptionId", .place = RS_PATH, .type = RS_STRING, .required = true,               \
    .doc = "id of the subscription (`su_…`), from the list"                                      \
  }

#define BILLING_CYCLE                                                                              \
  {                                                                                                \
    .name = "billingCycle", .place = RS_BODY, .type = RS_STRING, .required = true,                 \
    .choices = CHOICES("WEEKLY", "MONTHLY", "ANNUAL"), .seen = "plan.billingCycle",                \
    .doc = "length of a paid period"                                                               \
  }

#define CONNECTIONS                                                                                \
  {                                                                                                \
    .name = "connections", .place = RS_BODY, .type = RS_INTEGER, .required = true,                 \
    .choices = CHOICES("100", "200", "500", "1000", "2000"),                                       \
    .seen = "plan.configuration.connections", .doc = "simultaneous connections"                    \
  }

/* The vendor wants the field in every request and suggests 1, which is free, as its default. */
#define AUTHENTICATIONS                                                                            \
  {                                                                                                \
    .name = "authentications", .place = RS_BODY, .type = RS_INTEGER, .min = 1, .max = 10,          \
    .fallback = "1", .seen = "plan.configuration.authentications",                                 \
    .doc = "authenticated addresses; the first is free"                                            \
  }

#define RESELLER_ID                                                                                \
  {                                                                                                \
    .name = "reseller_id", .place = RS_PATH, .type = RS_INTEGER, .required = true, .option = true, \
    .min = 1, .doc = "id of the reseller, own or downstream; the client's unless given"            \
  }

#define META                                                                                       \
  {                                                                                                \
    .name = "meta", .place = RS_QUERY, .type = RS_BOOLEAN,                                         \
    .doc = "adds `meta.applications`, which holds customers' credentials"                          \
  }

const rs_endpoint rs_endpoints[] = {
    {
        .id = "get_reseller",
        .platform = "ghostealth",
        .method = "GET",
        .path = "/resellers",
        .effect = RS_READ,
        .result = RS_ONE,
        .params = PARAMS({0}),
        .doc = "The reseller account: balance, counts of subscriptions, app. "
               "`app.apiKey` in it is a live secret.",
        .source = GHOSTEALTH,
    },
    {
        .id = "list_subscriptions",
        .platform = "ghostealth",
        .method = "GET",
        .path = "/resellers/subscriptions",
        .effect = RS_READ,
        .paging = RS_COUNTED,
        .result = RS_MANY,
        /* The vendor states no defaults, so all four are always sent, with the sample's values. */
        .params = PARAMS({.name = "page",
                          .place = RS_QUERY,
                          .type = RS_INTEGER,
                          .max = 1000000000,
                          .fallback = "0",
                          .doc = "page number, from 0"},
                         {.name = "size",
                          .place = RS_QUERY,
                          .type = RS_INTEGER,
                          .min = 1,
                          .max = 1000000,
                          .fallback = "20",
                          .doc = "items a page; the vendor's maximum is unknown"},
                         {.name = "sortBy",
                          .place = RS_QUERY,
                          .type = RS_STRING,
                          .fallback = "id",
                          .doc = "sort key; other keys than `id` are undocumented"},
                         {.name = "direction",
                          .place = RS_QUERY,
                          .type = RS_STRING,
                          .choices = CHOICES("ASC", "DESC"),
                          .fallback = "DESC",
                          .doc = "sort order"}),
        .doc = "One page of the subscriptions.",
        .source = GHOSTEALTH,
    },
    {
        .id = "create_subscription",
        .platform = "ghostealth",
        .method = "POST",
        .path = "/resellers/subscriptions",
        .effect = RS_SPEND,
        .result = RS_ONE,
        .params = PARAMS(BILLING_CYCLE, CONNECTIONS, AUTHENTICATIONS),
        .settle = RS_BY_NEW,
        .view = &subscriptions,
        .doc = "Buys a subscription. The reply has neither price nor period: list to learn them.",
        .source = GHOSTEALTH,
    },
    {
        .id = "update_subscription",
        .platform = "ghostealth",
        .method = "POST",
        .path = "/resellers/subscriptions/{subscriptionId}",
        .effect = RS_SPEND,
        .result = RS_ONE,
        .params = PARAMS(SUBSCRIPTION_ID, BILLING_CYCLE, CONNECTIONS, AUTHENTICATIONS),
        .settle = RS_BY_PLAN,
        .view = &subscriptions,
        .doc = "Replaces the plan of a subscription; what it charges is undocumented.",
        .source = GHOSTEALTH,
    },
    {
        .id = "renew_subscription",
        .platform = "ghostealth",
        .method = "PUT",
        .path = "/resellers/subscriptions/{subscriptionId}",
        .effect = RS_SPEND,
        .result = RS_CONFIRMED,
        .params = PARAMS(SUBSCRIPTION_ID),
        .settle = RS_BY_PERIOD,
        .view = &subscriptions,
        .doc = "Buys another period. Not idempotent, in spite of its verb.",
        .source = GHOSTEALTH,
    },
    {
        .id = "suspend_subscription",
        .platform = "ghostealth",
        .method = "PUT",
        .path = "/resellers/subscriptions/{subscriptionId}/suspend",
        .effect = RS_TRANSITION,
        .result = RS_NOTHING,
        .params = PARAMS(SUBSCRIPTION_ID),
        .settle = RS_BY_STATUS,
        .view = &subscriptions,
        .becomes = {"status", "SUSPENDED"},
        .doc = "Suspends an active subscription. The reply does not tell the new state.",
        .source = GHOSTEALTH,
    },
    {
        .id = "resume_subscription",
        .platform = "ghostealth",
        .method = "PUT",
        .path = "/resellers/subscriptions/{subscriptionId}/resume",
        .effect = RS_TRANSITION,
        .result = RS_NOTHING,
        .params = PARAMS(SUBSCRIPTION_ID),
        .settle = RS_BY_STATUS,
        .view = &subscriptions,
        .becomes = {"status", "ACTIVE"},
        .doc = "Resumes a suspended subscription. The reply does not tell the new state.",
        .source = GHOSTEALTH,
    },
    {
        .id = "cancel_subscription",
        .platform = "ghostealth",
        .method = "PUT",
        .path = "/resellers/subscriptions/{subscriptionId}/cancel",
        .effect = RS_TRANSITION,
        .result = RS_NOTHING,
        .params = PARAMS(SUBSCRIPTION_ID),
        .settle = RS_BY_STATUS,
        .view = &subscriptions,
        .becomes = {"canceled", "true"},
        .doc = "Cancels a subscription. No endpoint takes it back.",
        .source = GHOSTEALTH,
    },
    {
        .id = "list_child_subscriptions",
        .platform = "activeplatform",
        .method = "GET",
        .path = "/api/v3/resellers/{reseller_id}/child_reseller_subscriptions",
        .effect = RS_READ,
        .paging = RS_LINKED,
        .result = RS_MANY,
        .params = PARAMS(RESELLER_ID,
                         {.name = "page[size]",
                          .place = RS_QUERY,
                          .type = RS_INTEGER,
                          .min = 1,
                          .max = 1000000,
                          .fallback = "50",
                          .doc = "items a page; the vendor's maximum is unknown"},
                         {.name = "page[number]",
                          .place = RS_QUERY,
                          .type = RS_INTEGER,
                          .min = 1,
                          .max = 1000000000,
                          .fallback = "1",
                          .doc = "page number, from 1"},
                         META),
        .doc = "One page of the subscriptions of all downstream resellers; never with `include`.",
        .source =
            "https://docs.activeplatform.com/api-guide/latest/en/resellery/podpiski-resellerov/"
            "poluchenie-spiska-podpisok-vseh-niyoestoyashchih-resellerov",
    },
    {
        .id = "get_subscription",
        .platform = "activeplatform",
        .method = "GET",
        .path = "/api/v3/resellers/{reseller_id}/subscriptions/{subscription_id}",
        .effect = RS_READ,
        .result = RS_ONE,
        .params = PARAMS(
            RESELLER_ID,
            {.name = "subscription_id",
             .place = RS_PATH,
             .type = RS_INTEGER,
             .required = true,
             .min = 1,
             .doc = "id of the subscription"},
            META,
            {.name = "include",
             .place = RS_QUERY,
             .type = RS_LIST,
             .choices = CHOICES("account", "plan", "subscription_period", "subscription_resources"),
             .doc = "related objects to send along"}),
        .doc = "One subscription, own or downstream.",
        .source = ACTIVE "get-subscription",
    },
};
const size_t rs_endpoint_count = sizeof rs_endpoints / sizeof *rs_endpoints;
