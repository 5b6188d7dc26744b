#!/usr/bin/env bash
# Save one listing to data.json; what went wrong goes to errors.log.
#
#   BASE_URL=http://… bash probe.sh ID
#
# Exit status: 0 saved, 4 there is no such listing, 5 no answer, try again later.

# TODO: fetch "$BASE_URL/listings/$1" with curl.
echo "TODO: fetch listing $1" >&2
exit 1
