/* Look-ups in the table of endpoints, and the check that refuses a bad one. */
#include "endpoint.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const rs_platform *rs_platform_find(const char *name) {
  for (size_t i = 0; i < rs_platform_count; i++)
    if (strcmp(rs_platforms[i].name, name) == 0) return &rs_platforms[i];
  return NULL;
}

const rs_param *rs_param_find(const rs_endpoint *row, const char *name) {
  for (const rs_param *p = row->params; p->name != NULL; p++)
    if (strcmp(p->name, name) == 0) return p;
  return NULL;
}

static bool snake_case(const char *s) {
  if (!islower((unsigned char)*s)) return false;
  for (; *s != '\0'; s++)
    if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != '_') return false;
  return true;
}

static bool one_of(const char *s, const char *const *list) {
  for (; *list != NULL; list++)
    if (strcmp(s, *list) == 0) return true;
  return false;
}

static bool is_integer(const char *s) {
  char *end;
  strtoll(s, &end, 10);
  return *s != '\0' && *end == '\0';
}

static bool fallback_fits(const rs_param *p) {
  long long n;
  if (p->choices != NULL && !one_of(p->fallback, p->choices)) return false;
  if (p->type == RS_BOOLEAN)
    return one_of(p->fallback, (const char *const[]){"true", "false", NULL});
  if (p->type != RS_INTEGER) return true;
  if (!is_integer(p->fallback)) return false;
  n = strtoll(p->fallback, NULL, 10);
  return (p->min == 0 && p->max == 0) || (n >= p->min && n <= (p->max != 0 ? p->max : LLONG_MAX));
}

static const char *choices_fault(const rs_param *p) {
  if (p->choices[0] == NULL) return "no choice in its list";
  if (p->type == RS_BOOLEAN) return "choices for a boolean";
  if (p->type != RS_INTEGER) return NULL;
  for (const char *const *c = p->choices; *c != NULL; c++)
    if (!is_integer(*c)) return "a choice that is no integer";
  return NULL;
}

/* {name} is a whole segment of the path */
static bool in_path(const char *path, const char *name) {
  size_t len = strlen(name);
  for (const char *p = strchr(path, '{'); p != NULL; p = strchr(p + 1, '{'))
    if (p[-1] == '/' && strncmp(p + 1, name, len) == 0 && p[len + 1] == '}' &&
        (p[len + 2] == '/' || p[len + 2] == '\0'))
      return true;
  return false;
}

static const char *param_fault(const rs_endpoint *row, const rs_param *p) {
  if (p->doc == NULL) return "no doc";
  if (rs_param_find(row, p->name) != p) return "a name used twice";
  if (p->max != 0 && p->min > p->max) return "bounds that leave no value";
  if ((p->min != 0 || p->max != 0) && p->type != RS_INTEGER) return "bounds on what is no integer";
  if (p->place == RS_PATH && !in_path(row->path, p->name)) return "no place in the path";
  if (p->place == RS_PATH && !p->required) return "a path value that may be absent";
  if (p->place == RS_BODY && strcmp(row->method, "GET") == 0) return "a body in a GET";
  if (p->required && p->fallback != NULL) return "a default although it is required";
  if (p->choices != NULL && choices_fault(p) != NULL) return choices_fault(p);
  if (p->fallback != NULL && !fallback_fits(p)) return "a default it would refuse itself";
  return NULL;
}

static size_t path_places(const char *path) {
  size_t n = 0;
  for (; *path != '\0'; path++) n += *path == '{';
  return n;
}

static const char *params_fault(const rs_endpoint *row, const char **name) {
  size_t places = 0;
  bool rest = false;
  for (const rs_param *p = row->params; p->name != NULL; p++) {
    const char *fault = param_fault(row, p);
    *name = p->name;
    if (fault != NULL) return fault;
    if (p->place == RS_PATH && rest) return "a path value after the others";
    rest = rest || p->place != RS_PATH;
    places += p->place == RS_PATH;
  }
  *name = NULL;
  return places == path_places(row->path) ? NULL : "a path value that no parameter fills";
}

static const char *paging_fault(const rs_endpoint *row) {
  const char *number = row->paging == RS_COUNTED ? "page" : "page[number]";
  const char *size = row->paging == RS_COUNTED ? "size" : "page[size]";
  if ((row->paging != RS_UNPAGED) != (row->result == RS_MANY))
    return "pages without a list, or a list without pages";
  if (row->paging == RS_UNPAGED) return NULL;
  if (rs_param_find(row, number) == NULL || rs_param_find(row, size) == NULL)
    return "pages without their number or size";
  return strncmp(row->id, "list_", 5) == 0 ? NULL : "pages, but no name that starts with list_";
}

static bool shows_a_shape(const rs_endpoint *row) {
  for (const rs_param *p = row->params; p->name != NULL; p++)
    if (p->seen != NULL) return true;
  return false;
}

static const char *settle_fault(const rs_endpoint *row) {
  if (row->settle == RS_BY_NOTHING) return NULL;
  if (row->effect == RS_READ || row->effect == RS_WRITE)
    return "a call to settle that may be repeated";
  if (row->view == NULL || row->view->list == NULL) return "a call to settle without a view";
  if (row->settle == RS_BY_PERIOD && row->view->end == NULL) return "a view that shows no period";
  if (row->settle == RS_BY_STATUS && (row->becomes.field == NULL || row->becomes.value == NULL))
    return "no state that it leads to";
  if ((row->settle == RS_BY_PLAN || row->settle == RS_BY_NEW) && !shows_a_shape(row))
    return "no parameter that the view shows";
  return NULL;
}

static const char *row_fault(const rs_endpoint *row) {
  static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", NULL};
  if (!snake_case(row->id)) return "an id that is not snake_case";
  if (row->platform == NULL || rs_platform_find(row->platform) == NULL) return "no such platform";
  if (row->method == NULL || !one_of(row->method, methods)) return "no such method";
  if (row->path == NULL || row->path[0] != '/') return "a path that does not start with /";
  if (row->params == NULL) return "no list of parameters";
  if (row->doc == NULL || row->source == NULL) return "no doc or source";
  if (row->effect != RS_READ && strcmp(row->method, "GET") == 0) return "a GET that changes things";
  return paging_fault(row) != NULL ? paging_fault(row) : settle_fault(row);
}

static bool twice(const rs_endpoint *rows, size_t i) {
  for (size_t k = 0; k < i; k++)
    if (strcmp(rows[k].platform, rows[i].platform) == 0 && strcmp(rows[k].id, rows[i].id) == 0)
      return true;
  return false;
}

bool rs_endpoints_check(const rs_endpoint *rows, size_t count, char *why, size_t why_size) {
  for (size_t i = 0; i < count; i++) {
    const char *name = NULL;
    const char *fault = rows[i].id == NULL ? "no id" : row_fault(&rows[i]);
    if (fault == NULL && twice(rows, i)) fault = "an id used twice";
    if (fault == NULL) fault = params_fault(&rows[i], &name);
    if (fault == NULL) continue;
    snprintf(why, why_size, "%s%s%s: %s", rows[i].id ? rows[i].id : "?", name ? "." : "",
             name ? name : "", fault);
    return false;
  }
  return true;
}
