"""One invoice for each guest."""

from guests import email_of, load_guests


def invoices(guests: dict[str, str], names: list[str]) -> list[str]:
    """Return the first line of each guest's invoice."""
    return [f"To: {email_of(guests, name)}" for name in names]


LIST = ["Ada;ada@example.org", "Bola ; bola@example.org"]

if __name__ == "__main__":
    print(invoices(load_guests(LIST), ["Ada", "Bola"]))
