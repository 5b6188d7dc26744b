#!/bin/sh
# Save one listing to data.json; what went wrong goes to errors.log.
#
#   BASE_URL=http://… bash probe.sh ID
#
# Exit status: 0 saved, 4 there is no such listing, 5 no answer, try again later.

set -eu

exec 2>>errors.log
partial=$(mktemp ./data.XXXXXX)
trap 'rm -f "$partial"' EXIT

code=0
status=$(curl -sSf -m 1 -o "$partial" -w '%{http_code}' "$BASE_URL/listings/$1") || code=$?

case $code:$status in
    0:200)
        mv "$partial" data.json
        ;;
    22:4*)
        echo "no listing $1 ($status)" >&2
        exit 4
        ;;
    *)
        echo "no answer for listing $1 (curl $code, $status)" >&2
        exit 5
        ;;
esac
