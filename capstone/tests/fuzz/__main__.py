"""Requests made from the schema, by the thousand, to all of staybook: no 5xx, and nothing that the schema does not say.

    python -m tests.fuzz [--cases 20000] [--seed 1]

Starts staybook as ``make capstone`` does, on a database of its own, and lets schemathesis ask as nobody, a guest, a
host and staff: examples, coverage of each constraint, random data, and chains by the schema's links. Ends with 1
where a check fails, and prints how to repeat it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

from staybook_dev import engines, seed
from staybook_dev.whole import running

CAPSTONE = Path(__file__).parents[2]
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "response_headers_conformance"
)
EXAMPLES = (20, 200)
"""For each operation: in the first round, which tells how many cases an example makes, and at most in those after."""


def main() -> int:
    options = _options()
    engines.ensure_postgres("staybook")
    done, rounds, failed = 0, 0, False
    with running("staybook_fuzz") as site:
        known = " ".join(place["id"] for place in _get(f"{site}/api/v1/search?limit=50")["results"])
        while done < options.cases and not failed:
            for who in (None, *seed.LOGINS):
                examples = EXAMPLES[min(rounds, 1)]
                cases, failed = _ask(site, who, known, examples=examples, number=options.seed + rounds)
                done += cases
                print(f"{done:7} cases; the last {cases} as {who or 'nobody'}", flush=True)
                if failed or done >= options.cases:
                    break
            rounds += 1
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _ask(site: str, who: str | None, known: str, *, examples: int, number: int) -> tuple[int, bool]:
    """One run of schemathesis; how many cases it made, and whether a check failed."""
    program = str(Path(sys.executable).with_name("schemathesis"))
    command = [program, "run", f"{site}/api/openapi.json", "--checks", CHECKS, "--no-color", f"--seed={number}"]
    command += [f"--max-examples={examples}", "--suppress-health-check=all", "--generation-database=none"]
    if who:
        command += ["-H", f"Authorization: Bearer {_log_in(site, who)}"]
    environ = os.environ | {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "STAYBOOK_KNOWN": known}
    ended = subprocess.run(command, cwd=CAPSTONE, env=environ, capture_output=True, text=True, check=False)
    found = re.search(r"(\d+) generated", ended.stdout)
    if ended.returncode or not found:
        print(ended.stdout[-12_000:], ended.stderr[-4_000:], sep="\n")
    return int(found[1]) if found else 0, ended.returncode != 0 or not found


def _log_in(site: str, role: str) -> str:
    body = json.dumps({"email": seed.LOGINS[role], "password": seed.PASSWORD}).encode()
    request = urllib.request.Request(f"{site}/api/v1/auth/login", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["access"])


def _get(url: str) -> dict[str, list[dict[str, str]]]:
    with urllib.request.urlopen(url) as answer:
        found: dict[str, list[dict[str, str]]] = json.load(answer)
        return found


if __name__ == "__main__":
    sys.exit(main())
