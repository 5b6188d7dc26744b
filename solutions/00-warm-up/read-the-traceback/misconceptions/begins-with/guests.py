"""Guests and their e-mail addresses."""


def load_guests(lines: list[str]) -> dict[str, str]:
    """Read lines such as ``Ada;ada@example.org`` into a dictionary from name to address."""
    guests = {}
    for line in lines:
        name, address = line.split(";")
        guests[name.strip()] = address.strip()
    return guests


def email_of(guests: dict[str, str], name: str) -> str:
    """Return the address of the guest called ``name``. Raises KeyError for a stranger."""
    for stored, address in guests.items():
        if stored.startswith(name):
            return address
    raise KeyError(name)
