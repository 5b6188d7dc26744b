"""Play calls to a gateway, whichever it is, and write down its answers so that two of them can be compared."""

from prodev.testbed.own_tests import noting_connections


def play(gateway, calls):
    """Return the answer to each of ``calls``: its status, and what was returned, with charges numbered #1, #2…"""
    ids = {}
    return [answer(gateway, call, ids) for call in calls]


def answer(gateway, call, ids):
    name, given = call["call"], {key: value for key, value in call.items() if key != "call"}
    try:
        if name == "charge":
            value = gateway.charge(given.pop("cents"), **given)
        elif name == "refund":
            real = {number: id for id, number in ids.items()}
            value = gateway.refund(real.get(given["id"], given["id"]), given["cents"])
        else:
            value = gateway.charges()
    except NotImplementedError:
        raise
    except Exception as error:
        return refusal(error)
    status = 200 if name == "charges" else 201
    many = value if isinstance(value, list) else [value]
    return {"status": status, "kind": type(value).__name__, "charges": [told(each, ids) for each in many]}


def refusal(error):
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if "GatewayError" not in kinds:
        return {"status": None, "kind": kinds[0], "reason": f"{kinds[0]}: {error}"}
    return {"status": error.status, "kind": kinds[0], "reason": str(error) if error.status == 402 else ""}


def told(charge, ids):
    if "Charge" not in [kind.__name__ for kind in type(charge).__mro__]:
        return repr(charge)[:80]
    if not isinstance(charge.id, str):
        return f"Charge whose id is {charge.id!r}"
    number = ids.setdefault(charge.id, f"#{len(ids) + 1}")
    return f"Charge({number}, cents={charge.cents!r}, refunded={charge.refunded!r})"


def play_to_your_fake(calls):
    from fakes import FakeGateway

    return play(FakeGateway(), calls)


def check_out(cents, card, booking):
    import checkout
    from fakes import FakeGateway

    return checkout.pay(FakeGateway(), cents, card=card, booking=booking)


def play_to_two(calls):
    """What a second fake knows before it is asked, and what it answers when it is asked the same as the first."""
    from fakes import FakeGateway

    first, second = FakeGateway(), FakeGateway()
    answers = play(first, calls)
    return {"first": answers, "before": play(second, [{"call": "charges"}]), "second": play(second, calls)}


def spoil_what_is_handed_out(calls):
    from fakes import FakeGateway

    gateway = FakeGateway()
    play(gateway, calls)
    before = len(gateway.charges())
    handed_out = gateway.charges()
    if isinstance(handed_out, list):
        handed_out.clear()
    return {"before": before, "after": len(gateway.charges())}


def note_connections(calls):
    with noting_connections() as noted:
        play_to_your_fake(calls)
    return sorted(set(noted))
