#!/usr/bin/env bash
# Save one listing to data.json; what went wrong goes to errors.log.
#
#   BASE_URL=http://… bash probe.sh ID
#
# Exit status: 0 saved, 4 there is no such listing, 5 no answer, try again later.

listing=$1
backup=data.json.$$
[ -e data.json ] && mv data.json "$backup"

if status=$(curl --silent --show-error --fail --max-time 1 \
    --output data.json --write-out '%{http_code}' "$BASE_URL/listings/$listing" 2>>errors.log); then
    rm -f "$backup"
    exit 0
fi

rm -f data.json
[ -e "$backup" ] && mv "$backup" data.json
echo "listing $listing not saved, status $status" >>errors.log
case $status in
    4??) exit 4 ;;
    *) exit 5 ;;
esac
