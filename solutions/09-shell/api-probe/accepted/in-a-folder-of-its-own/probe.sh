#!/usr/bin/env bash
# Save one listing to data.json; what went wrong goes to errors.log.
#
#   BASE_URL=http://… bash probe.sh ID
#
# Exit status: 0 saved, 4 there is no such listing, 5 no answer, try again later.

scratch=$(mktemp -d) || exit 5

finish() {
    rm -rf "$scratch"
    exit "$1"
}

complain() {
    printf '%s\tlisting=%s\tstatus=%s\t%s\n' "$(date -u +%FT%TZ)" "$1" "$2" "$(tr '\n' ' ' <"$scratch/trouble")" >>errors.log
}

curl --fail-with-body -sS --max-time 1 -D "$scratch/head" -o "$scratch/body" \
    "${BASE_URL%/}/listings/$1" 2>"$scratch/trouble"
code=$?
status=$(awk 'NR == 1 { print $2 }' "$scratch/head" 2>/dev/null)

if [[ $code -eq 0 && $status == 200 ]]; then
    cp "$scratch/body" ".data.json.$$" && mv -f ".data.json.$$" data.json
    finish 0
fi
complain "$1" "${status:-none}"
[[ $code -eq 22 && $status == 4* ]] && finish 4
finish 5
