#!/bin/sh
# One renewal with the command line of curl, after a read that leaves a connection open:
# curl.sh READ_URL RENEW_URL KEY IDLE [option of curl…].
read_url=$1 renew_url=$2 key=$3 idle=$4
shift 4

# With --retry curl empties its output first, which has to be a file for that.
output=$(mktemp)
set -- -X PUT -d '' "$@" -o "$output" -w '%{http_code}' "$renew_url"
set -- -sS -m 20 -H "Authorization: ApiKey $key" -H 'Content-Type: application/json' "$@"
if [ "$idle" -gt 0 ]; then
  set -- -sS -m 20 -o "$output" -H "Authorization: ApiKey $key" -H 'Content-Type: application/json' "$read_url" --next "$@"
fi

status=$(curl -q "$@" 2>/dev/null)
code=$?
rm -f "$output"
echo "version: $(curl --version | sed -n '1s/ (.*//p')"
if [ "$code" = 0 ]; then echo "saw: HTTP $status"; else echo "saw: exit $code"; fi
