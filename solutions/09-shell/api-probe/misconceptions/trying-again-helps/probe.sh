#!/usr/bin/env bash
# Save one listing to data.json; what went wrong goes to errors.log.
#
#   BASE_URL=http://… bash probe.sh ID
#
# Exit status: 0 saved, 4 there is no such listing, 5 no answer, try again later.

listing=$1
partial=data.json.$$
trap 'rm -f "$partial"' EXIT

if status=$(curl --silent --show-error --fail --max-time 1 --retry 1 \
    --output "$partial" --write-out '%{http_code}' "$BASE_URL/listings/$listing" 2>>errors.log); then
    mv "$partial" data.json
    exit 0
fi

echo "listing $listing not saved, status $status" >>errors.log
case $status in
    4??) exit 4 ;;
    *) exit 5 ;;
esac
