/* Specs of what Lua cannot reach: bad endpoint tables, and buffers at their cap.
 * Prints one line per failure and "N passed, N failed" at the end. */
#include "buf.h"
#include "endpoint.h"

#include <stdio.h>
#include <string.h>

static int passed, failed;

static void expect(int ok, const char *what, const char *came) {
  if (ok) {
    passed++;
  } else {
    failed++;
    printf("failed: %s, got \"%s\"\n", what, came);
  }
}

#define PARAMS(...)  ((const rs_param[]){__VA_ARGS__, {0}})
#define CHOICES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A good row, with the fields of the case in place of its own: the compilers' warning of that is off. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif
#define ROW(...)                                                                                   \
  {                                                                                                \
    .id = "get_thing", .platform = "ghostealth", .method = "GET", .path = "/things",               \
    .params = PARAMS({0}), .doc = "d", .source = "s", __VA_ARGS__                                  \
  }

static const struct {
  const char *fault;
  rs_endpoint row;
} bad_rows[] = {
    {"no id", ROW(.id = NULL)},
    {"snake_case", ROW(.id = "getThing")},
    {"no such platform", ROW(.platform = "elsewhere")},
    {"no such method", ROW(.method = "FETCH")},
    {"does not start with /", ROW(.path = "things")},
    {"no list of parameters", ROW(.params = NULL)},
    {"no doc or source", ROW(.doc = NULL)},
    {"no doc or source", ROW(.source = NULL)},
    {"a GET that changes things", ROW(.effect = RS_SPEND)},
    {"a list without pages", ROW(.result = RS_MANY)},
    {"pages without a list", ROW(.paging = RS_COUNTED)},
    {"number or size", ROW(.paging = RS_COUNTED, .result = RS_MANY)},
    {"starts with list_",
     ROW(.paging = RS_COUNTED, .result = RS_MANY,
         .params = PARAMS({.name = "page", .place = RS_QUERY, .type = RS_INTEGER, .doc = "d"},
                          {.name = "size", .place = RS_QUERY, .type = RS_INTEGER, .doc = "d"}))},
    {"that may be repeated", ROW(.settle = RS_BY_PERIOD)},
    {"without a view", ROW(.method = "PUT", .effect = RS_SPEND, .settle = RS_BY_PERIOD)},
    {"shows no period", ROW(.method = "PUT", .effect = RS_SPEND, .settle = RS_BY_PERIOD,
                            .view = &(const rs_view){.list = "list_things"})},
    {"no state that it leads to",
     ROW(.method = "PUT", .effect = RS_TRANSITION, .settle = RS_BY_STATUS,
         .view = &(const rs_view){.list = "list_things"})},
    {"no parameter that the view shows",
     ROW(.method = "PUT", .effect = RS_SPEND, .settle = RS_BY_NEW,
         .view = &(const rs_view){.list = "list_things"})},
    {"no parameter fills", ROW(.path = "/things/{id}")},
    {"id: no place in the path",
     ROW(.params = PARAMS({.name = "id", .place = RS_PATH, .required = true, .doc = "d"}))},
    {"id: no place in the path",
     ROW(.path = "/things/x{id}",
         .params = PARAMS({.name = "id", .place = RS_PATH, .required = true, .doc = "d"}))},
    {"may be absent",
     ROW(.path = "/things/{id}", .params = PARAMS({.name = "id", .place = RS_PATH, .doc = "d"}))},
    {"a path value after the others",
     ROW(.path = "/things/{id}",
         .params = PARAMS({.name = "q", .place = RS_QUERY, .doc = "d"},
                          {.name = "id", .place = RS_PATH, .required = true, .doc = "d"}))},
    {"no doc", ROW(.params = PARAMS({.name = "q", .place = RS_QUERY}))},
    {"a name used twice", ROW(.params = PARAMS({.name = "q", .place = RS_QUERY, .doc = "d"},
                                               {.name = "q", .place = RS_QUERY, .doc = "d"}))},
    {"a body in a GET", ROW(.params = PARAMS({.name = "q", .place = RS_BODY, .doc = "d"}))},
    {"leave no value", ROW(.params = PARAMS({.name = "q",
                                             .place = RS_QUERY,
                                             .type = RS_INTEGER,
                                             .min = 5,
                                             .max = 4,
                                             .doc = "d"}))},
    {"no integer", ROW(.params = PARAMS({.name = "q", .place = RS_QUERY, .max = 4, .doc = "d"}))},
    {"although it is required",
     ROW(.params = PARAMS(
             {.name = "q", .place = RS_QUERY, .required = true, .fallback = "x", .doc = "d"}))},
    {"no choice in its list", ROW(.params = PARAMS({.name = "q",
                                                    .place = RS_QUERY,
                                                    .choices = (const char *const[]){NULL},
                                                    .doc = "d"}))},
    {"choices for a boolean", ROW(.params = PARAMS({.name = "q",
                                                    .place = RS_QUERY,
                                                    .type = RS_BOOLEAN,
                                                    .choices = CHOICES("a"),
                                                    .doc = "d"}))},
    {"a choice that is no integer", ROW(.params = PARAMS({.name = "q",
                                                          .place = RS_QUERY,
                                                          .type = RS_INTEGER,
                                                          .choices = CHOICES("a"),
                                                          .doc = "d"}))},
    {"a default it would refuse", ROW(.params = PARAMS({.name = "q",
                                                        .place = RS_QUERY,
                                                        .choices = CHOICES("a"),
                                                        .fallback = "b",
                                                        .doc = "d"}))},
    {"a default it would refuse", ROW(.params = PARAMS({.name = "q",
                                                        .place = RS_QUERY,
                                                        .type = RS_INTEGER,
                                                        .min = 1,
                                                        .max = 9,
                                                        .fallback = "10",
                                                        .doc = "d"}))},
    {"a default it would refuse",
     ROW(.params = PARAMS(
             {.name = "q", .place = RS_QUERY, .type = RS_INTEGER, .fallback = "x", .doc = "d"}))},
    {"a default it would refuse",
     ROW(.params = PARAMS(
             {.name = "q", .place = RS_QUERY, .type = RS_BOOLEAN, .fallback = "1", .doc = "d"}))},
};

static void check_tables(void) {
  char why[200] = "";
  const rs_endpoint good = ROW(.id = "get_thing"), twice[] = {good, good};
  expect(rs_endpoints_check(rs_endpoints, rs_endpoint_count, why, sizeof why), "the table is good",
         why);
  expect(rs_endpoints_check(&good, 1, why, sizeof why), "a good row passes", why);
  expect(!rs_endpoints_check(twice, 2, why, sizeof why) && strstr(why, "used twice"),
         "an id used twice is refused", why);
  for (size_t i = 0; i < sizeof bad_rows / sizeof *bad_rows; i++) {
    why[0] = '\0';
    expect(!rs_endpoints_check(&bad_rows[i].row, 1, why, sizeof why) &&
               strstr(why, bad_rows[i].fault) != NULL,
           bad_rows[i].fault, why);
  }
}

static void check_buffers(void) {
  rs_buf b;
  rs_buf_init(&b, 5);
  expect(rs_buf_adds(&b, "abc") && !b.over, "a buffer takes what fits", "");
  expect(!rs_buf_adds(&b, "def") && b.over && b.len == 3,
         "an addition over the cap changes nothing", "");
  expect(rs_buf_adds(&b, "de") && memcmp(b.data, "abcde", 5) == 0, "the cap itself can be reached",
         "");
  rs_buf_clear(&b);
  expect(b.len == 0 && !b.over, "clearing forgets the refusal", "");
  rs_buf_free(&b);
}

int main(void) {
  check_tables();
  check_buffers();
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
