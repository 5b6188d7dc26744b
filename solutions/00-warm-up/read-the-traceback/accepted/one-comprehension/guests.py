"""Guests and their e-mail addresses."""


def load_guests(lines: list[str]) -> dict[str, str]:
    """Read lines such as ``Ada;ada@example.org`` into a dictionary from name to address."""
    pairs = (line.split(";") for line in lines)
    return {name.strip(): address.strip() for name, address in pairs}


def email_of(guests: dict[str, str], name: str) -> str:
    """Return the address of the guest called ``name``. Raises KeyError for a stranger."""
    return guests[name]
