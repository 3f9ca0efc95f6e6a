/* One renewal through bare libcurl, after reads that leave connections open:
 * libcurl READ_URL RENEW_URL KEY IDLE easy|multi. "easy" makes all its requests with one handle. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALL_SECONDS 20L
#define MAX_IDLE     16

static size_t ignore(char *s, size_t size, size_t n, void *ud) {
  (void)s, (void)ud;
  return size * n;
}

static struct curl_slist *headers_for(const char *key) {
  char line[256];
  snprintf(line, sizeof line, "Authorization: ApiKey %s", key);
  return curl_slist_append(curl_slist_append(NULL, line), "Content-Type: application/json");
}

static CURL *new_read(const char *url, struct curl_slist *headers) {
  CURL *easy = curl_easy_init();
  if (easy == NULL) exit(1);
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT, CALL_SECONDS);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
  return easy;
}

/* A PUT that says that it has no body. */
static void turn_into_renewal(CURL *easy, const char *url) {
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PUT");
}

/* Runs what was added; the result of the transfer that ended last. */
static CURLcode finish(CURLM *multi) {
  CURLcode result = CURLE_OK;
  CURLMsg *message;
  int running, left;
  do {
    curl_multi_perform(multi, &running);
    if (running > 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  } while (running > 0);
  while ((message = curl_multi_info_read(multi, &left)) != NULL) result = message->data.result;
  return result;
}

static void warm(CURLM *multi, int idle, const char *url, struct curl_slist *headers) {
  CURL *reads[MAX_IDLE];
  for (int i = 0; i < idle; i++) {
    reads[i] = new_read(url, headers);
    curl_multi_add_handle(multi, reads[i]);
  }
  finish(multi);
  for (int i = 0; i < idle; i++) {
    curl_multi_remove_handle(multi, reads[i]);
    curl_easy_cleanup(reads[i]);
  }
}

static CURLcode renew_with_multi(CURL *easy, int idle, char **argv, struct curl_slist *headers) {
  CURLM *multi = curl_multi_init();
  CURLcode result;
  warm(multi, idle, argv[1], headers);
  turn_into_renewal(easy, argv[2]);
  curl_multi_add_handle(multi, easy);
  result = finish(multi);
  curl_multi_remove_handle(multi, easy);
  curl_multi_cleanup(multi);
  return result;
}

static CURLcode renew_with_easy(CURL *easy, int idle, char **argv) {
  if (idle > 0) curl_easy_perform(easy);
  turn_into_renewal(easy, argv[2]);
  return curl_easy_perform(easy);
}

static void report(CURL *easy, CURLcode result) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  printf("version: libcurl %s\n", curl_version_info(CURLVERSION_NOW)->version);
  if (result == CURLE_OK)
    printf("saw: HTTP %ld\n", status);
  else
    printf("saw: error %d, %s\n", (int)result, curl_easy_strerror(result));
}

int main(int argc, char **argv) {
  int idle = argc == 6 ? atoi(argv[4]) : -1;
  if (idle < 0 || idle > MAX_IDLE) return 2;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  struct curl_slist *headers = headers_for(argv[3]);
  CURL *easy = new_read(argv[1], headers);
  report(easy, strcmp(argv[5], "multi") == 0 ? renew_with_multi(easy, idle, argv, headers)
                                             : renew_with_easy(easy, idle, argv));
  curl_easy_cleanup(easy);
  curl_slist_free_all(headers);
  curl_global_cleanup();
  return 0;
}
