/* The shape of an endpoint, and what can be asked of the table of them. */
#ifndef RS_ENDPOINT_H
#define RS_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

/* What a call does to the world; decides repeats and connections (never the verb does). */
typedef enum { RS_READ, RS_WRITE, RS_TRANSITION, RS_SPEND } rs_effect;

typedef enum { RS_PATH, RS_QUERY, RS_BODY } rs_place;

typedef enum { RS_STRING, RS_INTEGER, RS_BOOLEAN, RS_LIST } rs_type;

typedef enum {
  RS_UNPAGED,
  RS_COUNTED, /* `page` from 0 and `size`; nothing in the reply tells the end */
  RS_LINKED   /* `page[number]` from 1 and `page[size]`; the reply carries links */
} rs_paging;

/* What the body of a success holds. */
typedef enum {
  RS_ONE,       /* one object under `data` */
  RS_MANY,      /* a list under `data` */
  RS_CONFIRMED, /* `success` and `message` */
  RS_NOTHING    /* `{}` or no body at all */
} rs_result;

typedef struct {
  const char *name; /* as the vendor spells it; ends the list when NULL */
  rs_place place;
  rs_type type;
  bool required;
  bool option;                /* falls back to the client's option of this name */
  long long min, max;         /* for integers; both 0: any */
  const char *const *choices; /* ends with NULL; integers as text */
  const char *fallback;       /* sent when absent; as text */
  const char *seen;           /* where the view shows what was asked for; dotted */
  const char *doc;
} rs_param;

/* What tells, when one looks again, that a change was made. */
typedef enum {
  RS_BY_NOTHING,
  RS_BY_PERIOD, /* the period ends later than before */
  RS_BY_PLAN,   /* the plan is the one asked for, and was another before */
  RS_BY_STATUS, /* `becomes` is so, and was not before */
  RS_BY_NEW     /* there is something new of the shape asked for, which no other call made */
} rs_settle;

/* Where one looks at what calls change. Names of fields are dotted. */
typedef struct {
  const char *list;             /* id of the row that lists it, newest first */
  const char *end;              /* of the period, ms since 1970 */
  const char *price, *currency; /* gross, in minor units; ISO 4217 */
} rs_view;

typedef struct {
  const char *field, *value; /* the value as text */
} rs_state;

typedef struct {
  const char *id;
  const char *platform;
  const char *method;
  const char *path; /* below the base URL; {name} stands for a path parameter */
  rs_effect effect;
  rs_paging paging;
  rs_result result;
  const rs_param *params; /* path parameters first, in the order they are given */
  rs_settle settle;
  const rs_view *view;
  rs_state becomes; /* for RS_BY_STATUS */
  const char *doc;
  const char *source; /* the vendor's page */
} rs_endpoint;

typedef struct {
  const char *name;
  const char *title;
  const char *base_url;           /* NULL: one per installation */
  const char *sandbox_path;       /* follows the sandbox's origin to make its base URL */
  const char *sandbox_credential; /* the one the sandbox takes: not a secret */
  const char *credential;         /* the client option that holds the key or token */
  const char *auth_header;        /* what precedes the credential, header name included */
  const char *credential_hint;    /* what to tell a person whose credential is refused */
  const char *media_type;
  bool jsonapi;       /* bodies follow JSON:API */
  int limit_requests; /* 0: none documented */
  int limit_seconds;
} rs_platform;

extern const rs_platform rs_platforms[];
extern const size_t rs_platform_count;
extern const rs_endpoint rs_endpoints[];
extern const size_t rs_endpoint_count;

const rs_platform *rs_platform_find(const char *name);
const rs_param *rs_param_find(const rs_endpoint *row, const char *name);

/* Writes what is wrong with the first bad row into `why`; false when one is. */
bool rs_endpoints_check(const rs_endpoint *rows, size_t count, char *why, size_t why_size);

#endif
