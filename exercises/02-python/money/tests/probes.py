"""Evaluates what the tests write down, with Money in scope."""

from decimal import Decimal


def evaluate(expression):
    import money

    scope = {"Decimal": Decimal, "Money": money.Money, "assigned": assigned}
    try:
        return told(eval(expression, scope))
    except NotImplementedError:
        raise
    except Exception as error:
        return {"raised": [kind.__name__ for kind in type(error).__mro__], "text": f"{type(error).__name__}: {error}"}


def told(value):
    if type(value).__name__ == "Money":
        return {"amount": value.amount, "kind": type(value.amount).__name__, "currency": value.currency}
    if isinstance(value, list | tuple):
        return [told(each) for each in value]
    return value


def assigned(money, name, value):
    """What is left of money after somebody has tried to change it."""
    try:
        setattr(money, name, value)
    except AttributeError:
        return "AttributeError"
    return f"{money.amount} {money.currency}"
