"""What a stay costs."""


def total_price(nights: int, price_per_night: int, cleaning_fee: int) -> int:
    """Return the price of the whole stay: every night, and the cleaning once."""
    return nights * price_per_night + cleaning_fee


if __name__ == "__main__":
    found = total_price(3, 80, 25)
    assert found == 265, f"three nights at 80, and 25 for the cleaning, cost 265, not {found}"
    print("The assert holds.")
