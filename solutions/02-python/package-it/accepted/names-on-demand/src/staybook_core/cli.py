"""The command staybook-quote."""

import argparse
from decimal import Decimal, InvalidOperation

from staybook_core.pricing import BASE, quote
from staybook_core.rates import UnknownCurrency
from staybook_core.stays import Stay


def main() -> None:
    """Print the price of a stay; end with status 2 and a sentence when there is none."""
    parser = argparse.ArgumentParser(prog="staybook-quote", description="Print the price of a stay.")
    parser.add_argument("stay", help="such as 2026-05-01..2026-05-04")
    parser.add_argument("nightly", help="euros a night, such as 89.90")
    parser.add_argument("--currency", default=BASE, help="such as USD (%(default)s)")
    given = parser.parse_args()
    try:
        price = quote(Stay.parse(given.stay), Decimal(given.nightly), given.currency)
    except InvalidOperation:
        parser.error(f"{given.nightly!r} is no price such as 89.90")
    except (UnknownCurrency, ValueError) as error:
        parser.error(str(error))
    print(price, given.currency)
