"""One renewal through requests, after reads that leave connections open:
python_requests.py READ_URL RENEW_URL KEY IDLE [retry]. With "retry", an adapter with the usual Retry is mounted."""
import sys
from concurrent.futures import ThreadPoolExecutor

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

CALL_SECONDS = 20


def new_session(key, retry):
    session = requests.Session()
    session.headers.update({"Authorization": "ApiKey " + key, "Content-Type": "application/json"})
    if retry:
        retries = Retry(total=3, status_forcelist=(500, 502, 503, 504))
        session.mount("http://", HTTPAdapter(max_retries=retries))
    return session


def warm(session, url, idle):
    with ThreadPoolExecutor(idle) as pool:
        for reply in pool.map(lambda _: session.get(url, timeout=CALL_SECONDS), range(idle)):
            reply.raise_for_status()


def renew(session, url):
    try:
        return "HTTP %d" % session.put(url, timeout=CALL_SECONDS).status_code
    except requests.RequestException as error:
        return type(error).__name__


def main(read_url, renew_url, key, idle, mode=None):
    session = new_session(key, mode == "retry")
    if int(idle) > 0:
        warm(session, read_url, int(idle))
    print("version: requests %s, urllib3 %s" % (requests.__version__, urllib3.__version__))
    print("saw:", renew(session, renew_url))


main(*sys.argv[1:])
