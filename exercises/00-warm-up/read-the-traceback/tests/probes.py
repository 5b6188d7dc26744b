"""The nightly job, from the list to the invoices."""


def send_the_invoices(lines, names):
    from guests import load_guests
    from invoices import invoices

    try:
        return {"invoices": invoices(load_guests(lines), names), "error": None}
    except Exception as error:
        return {"invoices": [], "error": f"{type(error).__name__}: {error}"}
