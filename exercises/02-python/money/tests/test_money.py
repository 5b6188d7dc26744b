"""Money is exact, of one currency, and never changes."""

from decimal import Decimal

import pytest

from prodev.testbed import explain


@pytest.fixture
def evaluate(candidate):
    return lambda expression: candidate.probe("evaluate", expression=expression)


def euros(text):
    return {"amount": Decimal(text), "kind": "Decimal", "currency": "EUR"}


@pytest.mark.task("exact")
@pytest.mark.parametrize("given", ["'12.50'", "Decimal('12.5')", "'-0.01'", "7", "'12.500'", "1_000_000"])
def test_takes_exact_amounts(evaluate, given):
    """Text, Decimal and int become a Decimal of the same value."""
    asked = f"Money({given}, 'EUR')"

    got = evaluate(asked)

    assert got == euros(str(eval(given, {"Decimal": Decimal}))), explain(
        did=f"I made {asked}.",
        saw=f"Its amount is {spelled(got)}.",
        why="What comes from a form, a database or a loop has to be the same money.",
        look="What your __init__ does with each of the three kinds of amount.",
    )


@pytest.mark.task("exact")
@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ("Money(0.1, 'EUR')", "TypeError"),
        ("Money(2.0, 'EUR')", "TypeError"),
        ("Money('10', 'EUR') * 0.19", "TypeError"),
        ("Money('12.505', 'EUR')", "ValueError"),
        ("Money('NaN', 'EUR')", "ValueError"),
        ("Money('Infinity', 'EUR')", "ValueError"),
        ("Money('twelve', 'EUR')", "ValueError"),
        ("Money('12', 'euro')", "ValueError"),
        ("Money('12', 'EURO')", "ValueError"),
    ],
    ids=lambda given: str(given),
)
def test_refuses_what_is_no_exact_amount(evaluate, asked, error):
    """A float raises TypeError; parts of a cent, no number, or no currency raise ValueError."""
    got = evaluate(asked)

    assert error in raised(got), explain(
        did=f"I evaluated {asked}.",
        saw=f"I got {spelled(got)}; I expected {error}.",
        why="0.1 + 0.2 nights cost 0.30000000000000004: a float has lost the amount before you see it, "
        "and what is let in here is on the invoice later.",
        look="The checks of your __init__, and those of `*`.",
    )


@pytest.mark.task("exact")
def test_adds_and_subtracts_to_the_cent(evaluate, rng):
    """A thousand small amounts add up exactly."""
    a, b = cents(rng.randint(1, 99_999)), cents(rng.randint(1, 99_999))
    asked = f"(Money('{a}', 'EUR') + Money('{b}', 'EUR'), Money('{a}', 'EUR') - Money('{b}', 'EUR'))"

    got = evaluate(asked)

    assert got == [euros(Decimal(a) + Decimal(b)), euros(Decimal(a) - Decimal(b))], explain(
        did=f"I evaluated {asked}.",
        saw=f"I got {spelled(got)}; I expected {Decimal(a) + Decimal(b)} and {Decimal(a) - Decimal(b)}.",
        why="An invoice that is a cent off is sent back.",
        look="Your __add__ and __sub__, and what kind of number they add.",
    )


@pytest.mark.task("exact")
@pytest.mark.parametrize(
    ("amount", "factor", "wanted"),
    [
        ("0.25", "Decimal('0.1')", "0.03"),
        ("0.35", "Decimal('0.1')", "0.04"),
        ("-0.25", "Decimal('0.1')", "-0.03"),
        ("0.24", "Decimal('0.1')", "0.02"),
        ("89.90", "3", "269.70"),
        ("100.00", "Decimal('0.196')", "19.60"),
    ],
)
def test_rounds_half_a_cent_away_from_zero(evaluate, amount, factor, wanted):
    """A product is rounded to the cent, half a cent away from zero."""
    asked = f"Money('{amount}', 'EUR') * {factor}"

    got = evaluate(asked)

    assert got == euros(wanted), explain(
        did=f"I evaluated {asked}.",
        saw=f"I got {spelled(got)}; I expected {wanted} EUR.",
        why="The tax office rounds half a cent up. Decimal, left alone, rounds it to the even cent: "
        "0.025 becomes 0.02, and 0.035 becomes 0.04.",
        look="The `rounding` of your quantize.",
    )


@pytest.mark.task("split")
@pytest.mark.parametrize("sign", ["", "-"], ids=["price", "refund"])
@pytest.mark.parametrize("parts", [1, 3, 7])
def test_a_split_loses_nothing(evaluate, rng, parts, sign):
    """The shares add up to the whole, and are a cent apart at most."""
    whole = sign + rng.choice(["100.00", "0.02", "250.99", "1234.57"])
    count = abs(int(Decimal(whole) * 100))
    some, more = divmod(count, parts)
    wanted = [Decimal(some + (n < more)) / 100 for n in range(parts)]
    if sign:
        wanted = [-share for share in reversed(wanted)]
    asked = f"Money('{whole}', 'EUR').split({parts})"

    got = evaluate(asked)
    total = sum(each["amount"] for each in got) if is_money(got) else None

    assert got == [euros(share) for share in wanted], explain(
        did=f"I evaluated {asked}.",
        saw=f"I got {spelled(got)}: {whole} over {parts} guests "
        + (f"lost {Decimal(whole) - Decimal(total)}." if total is not None and total != Decimal(whole) else "so.")
        + f" I expected {', '.join(map(str, wanted))}.",
        why="A cent that nobody pays is a booking that never becomes 'paid'; and one guest who pays all of the rest "
        "asks why.",
        look="Cents can be counted: how many are left when everybody has the same, and who gets one of them?",
    )


@pytest.mark.task("split")
@pytest.mark.parametrize("parts", [0, -1])
def test_refuses_to_split_among_nobody(evaluate, parts):
    """Fewer than one part raises ValueError."""
    asked = f"Money('100', 'EUR').split({parts})"

    got = evaluate(asked)

    assert "ValueError" in raised(got), explain(
        did=f"I evaluated {asked}.",
        saw=f"I got {spelled(got)}; I expected ValueError.",
        why="An empty list of shares says that 100 EUR have been dealt with.",
        look="The first line of split.",
    )


@pytest.mark.task("currency")
@pytest.mark.parametrize("operator", ["+", "-", "<", "<=", ">", ">="])
def test_two_currencies_do_not_mix(evaluate, rng, operator):
    """Reckoning with two currencies, or comparing them, raises CurrencyMismatch."""
    asked = f"Money('{rng.randint(10, 99)}', 'EUR') {operator} Money('{rng.randint(10, 99)}', 'USD')"

    got = evaluate(asked)

    assert "CurrencyMismatch" in raised(got), explain(
        did=f"I evaluated {asked}.",
        saw=f"I got {spelled(got)}; I expected CurrencyMismatch.",
        why="80 EUR and 80 USD are not 160 of anything, and neither is the cheaper room.",
        look="A check of both currencies, before anything else. order=True compares without one.",
    )


@pytest.mark.task("currency")
def test_money_of_two_currencies_is_not_equal(evaluate, rng):
    """== between two currencies is False, and no error."""
    amount = rng.randint(10, 99)
    asked = f"(Money('{amount}', 'EUR') == Money('{amount}', 'USD'), Money('{amount}', 'EUR') == {amount})"

    got = evaluate(asked)

    assert got == [False, False], explain(
        did=f"I evaluated {asked}.",
        saw=f"I got {spelled(got)}; I expected False and False.",
        why="`in` and dictionaries ask == of whatever they hold; there an error would come out of nowhere.",
        look="Your __eq__: the one comparison that always has an answer.",
    )


@pytest.mark.task("value")
def test_equal_money_is_one_key(evaluate, rng):
    """12.5 and 12.50 are equal, and one key in a dictionary."""
    whole = rng.randint(10, 99)
    one, other = f"Money('{whole}.50', 'EUR')", f"Money(Decimal('{whole}.5'), 'EUR')"
    asked = f"({one} == {other}, len({{{one}: 1, {other}: 2}}))"

    got = evaluate(asked)

    assert got == [True, 1], explain(
        did=f"I evaluated {asked}.",
        saw=f"Money cannot be a dict key: I got {spelled(got)}."
        if "TypeError" in raised(got)
        else f"I got {spelled(got)}; I expected True and 1.",
        why="Reports count bookings by price. A class that defines __eq__ and no __hash__ loses the one it had; "
        "one that defines neither counts every object for itself.",
        look="Where your __eq__ and __hash__ come from. @dataclass(frozen=True) writes both.",
    )


@pytest.mark.task("value")
@pytest.mark.parametrize(("name", "value"), [("amount", "Decimal('1')"), ("currency", "'USD'")])
def test_money_does_not_change(evaluate, name, value):
    """Assigning to an attribute raises AttributeError."""
    asked = f"assigned(Money('80', 'EUR'), '{name}', {value})"

    got = evaluate(asked)

    assert got == "AttributeError", explain(
        did=f"I made money = Money('80', 'EUR') and assigned money.{name} = {value}.",
        saw=f"Now it is {spelled(got)}; I expected AttributeError.",
        why="Two bookings share one price; whoever changes it for one has changed the other, "
        "and a dictionary no longer finds it.",
        look="frozen=True, or a property without a setter.",
    )


@pytest.mark.task("value")
def test_money_is_ordered_by_amount(evaluate, rng):
    """Amounts of one currency can be compared and sorted."""
    low, high = sorted(rng.sample(range(2, 200), 2))
    a, b = f"Money({low}, 'EUR')", f"Money({high}, 'EUR')"
    asked = f"({a} < {b}, {b} < {a}, {a} <= {a}, {a} < {a}, {b} > {a}, {a} >= {b}, max({a}, {b}) == {b})"

    got = evaluate(asked)

    assert got == [True, False, True, False, True, False, True], explain(
        did=f"I evaluated {asked}.",
        saw=f"I got {spelled(got)}; I expected True, False, True, False, True, False, True.",
        why="'Cheapest first' is the first thing that a guest asks for. As text, 9 comes after 10.",
        look="__lt__, and functools.total_ordering for the other three.",
    )


@pytest.mark.task("text")
@pytest.mark.parametrize("text", ["1,234.50 EUR", "0.05 EUR", "-12.00 EUR", "999.99 EUR", "12,345,678.00 EUR"])
def test_writes_and_reads_itself(evaluate, text):
    """str writes two decimals and commas, and parse reads them back, or the same without commas."""
    bare = text.replace(",", "")
    amount = bare.removesuffix(" EUR")
    asked = f"(str(Money('{amount}', 'EUR')), Money.parse('{text}'), Money.parse('{bare}'))"

    got = evaluate(asked)

    assert got == [text, euros(amount), euros(amount)], explain(
        did=f"I evaluated {asked}.",
        saw=f"I got {spelled(got)}; I expected {text!r}, and {amount} EUR twice.",
        why="What one program of the house writes, another one reads.",
        look="The format specification ',.2f', and what your parse takes away.",
    )


@pytest.mark.task("text")
@pytest.mark.parametrize(
    "text",
    ["12,50 EUR", "1,23.00 EUR", "1,2345.00 EUR", ",123.00 EUR", "12.5 EUR", "12 EUR", "1e3 EUR", "NaN EUR", "12.50",
     "EUR 12.50", "12.50 euro", "12.50 EUR!", "a 12.50 EUR", "", "12.50  EUR"],
)  # fmt: skip
def test_refuses_any_other_text(evaluate, text):
    """Text in another form raises ValueError."""
    asked = f"Money.parse({text!r})"

    got = evaluate(asked)

    assert "ValueError" in raised(got), explain(
        did=f"I evaluated {asked}.",
        saw=f"I got {spelled(got)}; I expected ValueError.",
        why="A guest from Lyon writes 12,50 EUR for twelve and a half: whoever only drops the comma charges 1,250.",
        look="Compare the whole text with the form that you write, and only then take the commas away.",
    )


def cents(count):
    return f"{count // 100}.{count % 100:02}"


def raised(got):
    return got["raised"] if isinstance(got, dict) and "raised" in got else []


def is_money(got):
    return isinstance(got, list) and all(isinstance(each, dict) and "amount" in each for each in got)


def spelled(got):
    if isinstance(got, list):
        return ", ".join(map(spelled, got)) or "an empty list"
    if raised(got):
        return got["text"]
    if isinstance(got, dict) and "amount" in got:
        kind = "" if got["kind"] == "Decimal" else f"the {got['kind']} "
        return f"{kind}{got['amount']} {got['currency']}"
    return repr(got)
