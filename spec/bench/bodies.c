/* Bodies of the bench server's replies, shaped like the samples on the vendors' pages. */
#include "bodies.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIRST_ID  3007095u
#define PAGE_PATH "http://127.0.0.1/api/v3/resellers/1/child_reseller_subscriptions"

/* Formats into `out`, with " for every ' so that JSON stays legible in this file. */
__attribute__((format(printf, 2, 3))) static void put(rs_buf *out, const char *format, ...) {
  char text[2048];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  for (char *quote = text; (quote = strchr(quote, '\'')) != NULL;) *quote = '"';
  rs_buf_adds(out, text);
}

static const char *boolean(unsigned bit) {
  return bit ? "true" : "false";
}

void body_reseller(rs_buf *out) {
  put(out, "{'data':{'id':'rs_69b139e97d16bed7023855d3',"
           "'balance':{'id':'rb_69b139e97d16bed7023855cf',"
           "'amount':{'currency':'USD','value':906603,'fee':0}},"
           "'statistic':{'id':'rb_69b139e97d16bed7023855d0','totalSubscriptions':41,"
           "'activeSubscriptions':38,'stoppedSubscriptions':0,'terminatedSubscriptions':2,"
           "'suspendedSubscriptions':1},"
           "'app':{'id':'ap_69b139e97d16bed7023855d2','title':'Reseller-App',"
           "'description':'Reseller-App for: us_69b139e17d16bed7023855c9',"
           "'apiKey':'GHO-LSfSJw4r9m-STEA-UbWR69hGWJ-LTH'}}}");
}

static void subscription(rs_buf *out, unsigned n) {
  unsigned long long start = 1773124248080ull + n * 1000ull, end = start + 604800000ull;
  put(out, "{'id':'su_69afba98bc32119a%08x','status':'%s','type':'STANDARD','canceled':%s,", n,
      n % 9 ? "ACTIVE" : "SUSPENDED", boolean(n % 7 == 0));
  put(out,
      "'period':{'start':{'timestamp':%llu,'date':%llu},'end':{'timestamp':%llu,'date':%llu}},",
      start, start, end, end);
  put(out, "'consumption':{'bytes':%llu,'requests':%u},", n * 77777ull, n * 13);
  put(out, "'plan':{'id':'pl_69afba85bc32119ad6daa8e8','title':'GS-DAT 100',"
           "'description':'Weekly billing','billingCycle':'WEEKLY',"
           "'price':{'currency':'USD','netAmount':1681,'grossAmount':2000,'taxAmount':319,"
           "'feeAmount':0,'taxRate':19.0},"
           "'configuration':{'type':'DATACENTER','connections':100,'authentications':1}},");
  put(out,
      "'slots':[{'id':'sl_69afba98bc32119b%08x','status':'ENABLED','state':'UNBOUND',"
      "'synchronization':'SYNCED','type':'IP'}]}",
      n);
}

/* Commas between the items from `first` on, as far as there are any. */
static void items(rs_buf *out, page p, unsigned first, void (*item)(rs_buf *, unsigned)) {
  for (unsigned i = first; i < first + p.size && i < p.total; i++) {
    if (i > first) put(out, ",");
    item(out, i);
  }
}

void body_subscriptions(rs_buf *out, page p) {
  put(out, "{'data':[");
  items(out, p, p.number * p.size, subscription);
  put(out, "]}");
}

static void attributes(rs_buf *out, unsigned n) {
  static const char *const names[] = {"1200 G Suite Business", "CSP monthly", "Офис 365 Бизнес"};
  static const char *const states[] = {"active", "active", "active", "stopped", "draft"};
  unsigned day = n % 28 + 1, month = n / 28 % 12 + 1;
  put(out, "'created_at':'2020-%02u-%02uT05:44:55.355+03:00',", month, day);
  put(out, "'updated_at':'2020-%02u-%02uT06:26:53.948+03:00','plan_id':%u,'account_id':%u,", month,
      day, 800 + n % 400, 500 + n % 900);
  put(out, "'name':'%s customer-%u.example.com','trial':%s,'status':'%s',", names[n % 3], n,
      boolean(n % 11 == 0), states[n % 5]);
  put(out, "'start_date':'2020-%02u-%02u','expiration_date':'2021-%02u-%02u','plan_period_id':%u,",
      month, day, month, day, 1600 + n % 500);
  put(out,
      "'promo_code':null,'payment_model':'prepay','payment_model_parameters':{},"
      "'renewal_settings':{'autorenew':%s,'disable_autorenew':false,'autorenew_point':0,"
      "'manual_renew_point':%d},'fixed_price':false,",
      boolean(n & 1), n % 2 ? 0 : -1);
  put(out,
      "'ability':{'stop':true,'activate':false,'destroy':true,'adjust':true,"
      "'immediate_switch_plan_order':false,'delayed_switch_plan_order':false,'renew':%s,"
      "'change_auto_renew_option':true,'prolong':%s,'change_resources_renewal_order':true,"
      "'decrease_resources_change_order':%s,'decrease_resources_prolong_order':false},"
      "'custom_price':false",
      boolean(n & 2), boolean(n & 2), boolean(n & 4));
}

static void child(rs_buf *out, unsigned n) {
  put(out, "{'id':'%u','type':'subscriptions','attributes':{", FIRST_ID + n);
  attributes(out, n);
  put(out,
      "},'relationships':{'account':{'data':{'id':'%u','type':'accounts'}},"
      "'subscription_resources':{'data':[{'id':'%u','type':'subscription_resources'}]},"
      "'subscription_period':{'data':{'id':'%u','type':'subscription_periods'}},"
      "'plan':{'data':{'id':'%u','type':'plans'}}}}",
      500 + n % 900, 34847 + n, 6200 + n, 800 + n % 400);
}

static void link_to(rs_buf *out, const char *name, unsigned number, unsigned size) {
  put(out, "'%s':'" PAGE_PATH "?page%%5Bnumber%%5D=%u&page%%5Bsize%%5D=%u'", name, number, size);
}

void body_children(rs_buf *out, page p) {
  unsigned last = (p.total + p.size - 1) / p.size;
  put(out, "{'data':[");
  items(out, p, (p.number - 1) * p.size, child);
  put(out, "],'links':{");
  link_to(out, "self", p.number, p.size);
  put(out, ",");
  link_to(out, "first", 1, p.size);
  if (p.number > 1) put(out, ",");
  if (p.number > 1) link_to(out, "prev", p.number - 1, p.size);
  if (p.number < last) put(out, ",");
  if (p.number < last) link_to(out, "next", p.number + 1, p.size);
  put(out, ",");
  link_to(out, "last", last, p.size);
  put(out, "}}");
}

void body_changed(rs_buf *out) {
  put(out, "{'success':true,'message':'Done.','data':{'id':'su_69b139e97d16bed7023855d3',"
           "'status':'ACTIVE','type':'STANDARD','canceled':false,"
           "'plan':{'billingCycle':'MONTHLY','configuration':{'connections':200,'authentications':"
           "3}}}}");
}

void body_refused(rs_buf *out, unsigned status) {
  put(out, "{'success':false,'message':'Refused with %u.'}", status);
}

static void new_line(rs_buf *out, int depth) {
  rs_buf_adds(out, "\n");
  for (int i = 0; i < depth; i++) rs_buf_adds(out, "    ");
}

void body_indent(rs_buf *out, const char *json, size_t len) {
  bool quoted = false;
  int depth = 0;
  for (const char *p = json, *end = json + len; p < end; p++) {
    bool opens = !quoted && (*p == '{' || *p == '['), closes = !quoted && (*p == '}' || *p == ']');
    bool empty =
        (opens && (p[1] == '}' || p[1] == ']')) || (closes && (p[-1] == '{' || p[-1] == '['));
    if (*p == '"') quoted = !quoted;
    depth += opens - closes;
    if (closes && !empty) new_line(out, depth);
    rs_buf_add(out, p, 1);
    if (*p == ':' && !quoted) rs_buf_adds(out, " ");
    if ((opens && !empty) || (*p == ',' && !quoted)) new_line(out, depth);
  }
}
