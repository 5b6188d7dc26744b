#!/usr/bin/env bash
# Save one listing to data.json; what went wrong goes to errors.log.
#
#   BASE_URL=http://… bash probe.sh ID
#
# Exit status: 0 saved, 4 there is no such listing, 5 no answer, try again later.

answer=$(curl -sS --max-time 1 --write-out '\n%{http_code}' "$BASE_URL/listings/$1" 2>>errors.log)
code=$?
status=${answer##*$'\n'}

if [ "$code" -eq 0 ] && [ "$status" -eq 200 ]; then
    printf '%s' "${answer%$'\n'*}" >data.json.new && mv data.json.new data.json && exit 0
fi
echo "$1: curl $code, http $status" >>errors.log
[ "$code" -eq 0 ] && [ "$status" -ge 400 ] && [ "$status" -lt 500 ] && exit 4
exit 5
