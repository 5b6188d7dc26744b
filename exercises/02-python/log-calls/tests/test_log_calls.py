"""Every call leaves one true record, no secret, and its function as it was."""

import pytest

from prodev.testbed import explain

PLAIN, METHOD, ASYNC = "function", "method", "async function"


@pytest.fixture
def guest(rng):
    return rng.randint(100, 999)


@pytest.fixture
def card(rng):
    return f"4111 {rng.randint(1000, 9999)}"


@pytest.mark.task("record")
def test_writes_name_arguments_and_duration(candidate, rng, guest):
    """A call that returns leaves one record at level INFO."""
    takes = rng.choice([0.25, 1.5, 2.125])
    wanted = [("INFO", f"book(guest={guest}, card='none', nights=2) returned after {takes:.3f} s")]

    seen = candidate.probe("book", args=[guest, "none"], kwargs={"nights": 2}, takes_s=takes)

    assert (seen["records"], seen["value"]) == (wanted, f"booking for {guest}"), explain(
        did=f"I called book({guest}, 'none', nights=2), which takes {takes} s and returns 'booking for {guest}'.",
        saw=f"The caller got {seen['value']!r}, and the log {written(seen)}; "
        f"I expected {written({'records': wanted})}.",
        why="Support searches the log for guest=… and for slow calls: both have to stand in it, in one form.",
        look="The table in the brief, and signature.bind, which gives a positional argument its name.",
    )


@pytest.mark.task("record")
def test_arguments_stand_in_the_order_of_the_signature(candidate, guest):
    """However a call is written, its record is the same; what was not passed is not shown."""
    wanted = [("INFO", f"book(guest={guest}, card='none') returned after 0.250 s")]

    seen = candidate.probe("book", args=[], kwargs={"card": "none", "guest": guest})

    assert seen["records"] == wanted, explain(
        did=f"I called book(card='none', guest={guest}).",
        saw=f"The log holds {written(seen)}; I expected {written({'records': wanted})}.",
        why="One search must find all calls for a guest, whoever wrote the line that made them.",
        look="What signature.bind(*args, **kwargs).arguments holds, and in what order.",
    )


@pytest.mark.task("record")
def test_writes_to_staybook_unless_told_otherwise(candidate):
    """Without a setting, the record goes to the logger `staybook`."""
    levels = candidate.probe("default_logger")

    assert levels == ["INFO"], explain(
        did="I decorated book with log_calls() and called it once.",
        saw=f"The logger 'staybook' got {len(levels)} records, {levels}.",
        why="Whoever configures the logs of the application finds them by that name.",
        look="The signature of log_calls: keep its names and defaults as the starter has them.",
    )


@pytest.mark.task("errors")
@pytest.mark.parametrize("kind", ["ValueError", "NotAnException"])
def test_an_error_goes_on_to_the_caller(candidate, guest, kind):
    """What the function raises, the caller gets: the very same object."""
    seen = candidate.probe("book", args=[guest, "none"], kwargs={}, raises=kind)

    assert seen["is_that_very_error"], explain(
        did=f"I called a book that raises {kind}('no luck with none').",
        saw=f"The caller got {seen['error']}." if seen["error"] else f"The caller got {seen['value']} and no error.",
        why="A caller who gets None from a failed booking tells the guest that the room is theirs.",
        look="The end of your `except`: a bare `raise` sends on what was caught.",
    )


@pytest.mark.task("errors")
@pytest.mark.parametrize("kind", ["ValueError", "NotAnException"])
def test_an_error_is_logged_as_one(candidate, rng, guest, kind):
    """A call that raises leaves one record at level ERROR, with the class of the error."""
    takes = rng.choice([0.5, 3.25])
    wanted = [("ERROR", f"book(guest={guest}, card='none') raised {kind} after {takes:.3f} s")]

    seen = candidate.probe("book", args=[guest, "none"], kwargs={}, raises=kind, takes_s=takes)

    assert seen["records"] == wanted, explain(
        did=f"I called a book that raises {kind} after {takes} s; {kind} is "
        f"{'an Exception' if kind == 'ValueError' else 'a BaseException and no Exception, as Ctrl-C is'}.",
        saw=f"The log holds {written(seen)}; I expected {written({'records': wanted})}.",
        why="The calls that failed are the ones that somebody will look for.",
        look="What your `except` catches, and what it writes. Between the two clocks lies the whole call.",
    )


@pytest.mark.task("same-face")
@pytest.mark.parametrize("kind", [PLAIN, ASYNC])
def test_keeps_name_docstring_and_signature(candidate, kind):
    """help() says the same as before."""
    seen = candidate.probe("face", kind=kind)
    wanted = {"name": "book", "doc": "Book a stay for a guest.", "signature": "(guest, card, nights=1)"}

    assert {key: seen[key] for key in wanted} == wanted, explain(
        did=f"I decorated the {kind} book(guest, card, nights=1), whose docstring is 'Book a stay for a guest.'",
        saw=f"help(book) now says '{seen['name']}{seen['signature']}', {seen['doc']!r}.",
        why="Editors, documentation, tracebacks and frameworks that read signatures all see the wrapper.",
        look="functools.wraps, above your inner function.",
    )


@pytest.mark.task("same-face")
def test_works_on_methods(candidate, guest):
    """A decorated method still knows its object, and the record leaves it out."""
    wanted = [("INFO", f"book(guest={guest}, card='none') returned after 0.250 s")]

    seen = candidate.probe("book", args=[guest, "none"], kwargs={}, kind=METHOD)

    assert (seen["records"], seen["value"]) == (wanted, f"booking for {guest}"), explain(
        did=f"I decorated the method book of a class and called desk.book({guest}, 'none').",
        saw=f"The caller got {seen['error'] or seen['value']!r}, and the log {written(seen)}; "
        f"I expected {written({'records': wanted})}.",
        why="Half of the code to be logged is methods; the address of an object in memory tells nobody anything.",
        look="Whether what you return is a function (only those become methods), and what you do with `self`.",
    )


@pytest.mark.task("async")
def test_waits_for_an_async_function(candidate, rng, guest):
    """The record of an async call is written when it has ended, with the time that it took."""
    takes = rng.choice([0.5, 2.25])
    wanted = [("INFO", f"book(guest={guest}, card='none') returned after {takes:.3f} s")]

    seen = candidate.probe("book", args=[guest, "none"], kwargs={}, kind=ASYNC, takes_s=takes)

    assert (seen["records"], seen["value"]) == (wanted, f"booking for {guest}"), explain(
        did=f"I decorated an `async def` book that takes {takes} s, and awaited it.",
        saw=f"The caller got {seen['error'] or seen['value']!r}, and the log {written(seen)}; "
        f"I expected {written({'records': wanted})}.",
        why="To call an async function only makes a coroutine: whoever stops the clock there measures nothing.",
        look="A wrapper that is `async def` itself, and awaits.",
    )


@pytest.mark.task("async")
def test_logs_the_error_of_an_async_function(candidate, guest):
    """An error that is raised while awaiting is logged and goes on."""
    wanted = [("ERROR", f"book(guest={guest}, card='none') raised ValueError after 0.250 s")]

    seen = candidate.probe("book", args=[guest, "none"], kwargs={}, kind=ASYNC, raises="ValueError")

    assert (seen["records"], seen["is_that_very_error"]) == (wanted, True), explain(
        did="I awaited a decorated `async def` book that raises ValueError.",
        saw=f"The caller got {seen['error'] or seen['value']!r}, and the log {written(seen)}; "
        f"I expected the error, and {written({'records': wanted})}.",
        why="A booking that failed while it was awaited must not stand in the log as one that worked.",
        look="The `await`: it has to stand inside your try.",
    )


@pytest.mark.task("async")
def test_an_async_function_stays_one(candidate):
    """Whoever asks whether book is async gets the answer of before."""
    seen = {kind: candidate.probe("face", kind=kind)["is_async"] for kind in (PLAIN, ASYNC)}

    assert seen == {PLAIN: False, ASYNC: True}, explain(
        did="I asked inspect.iscoroutinefunction about a decorated `def` and a decorated `async def`.",
        saw=f"It answered {seen[PLAIN]} and {seen[ASYNC]}.",
        why="Web frameworks ask exactly this before they decide whether to await a view or to run it in a thread.",
        look="Which kind of wrapper you return for which kind of function.",
    )


@pytest.mark.task("secrets")
@pytest.mark.parametrize("how", ["by position", "by keyword"])
@pytest.mark.parametrize("kind", [PLAIN, ASYNC])
def test_a_secret_is_masked(candidate, guest, card, how, kind):
    """A secret argument shows as ***, however it was passed."""
    args, kwargs = ([guest, card], {}) if how == "by position" else ([guest], {"card": card})
    wanted = f"book(guest={guest}, card=***)"

    seen = candidate.probe("book", args=args, kwargs=kwargs, kind=kind, secret=["card"])
    text = seen["text"]

    assert card not in text and wanted in text, explain(
        did=f"I decorated a {kind} with secret=('card',) and passed the card {how}.",
        saw=f"card={card!r} is in the log: {text}" if card in text else f"The log holds {text!r}, without {wanted}.",
        why="Logs are copied, searched and kept for years by people who must never see a card.",
        look="Mask by the parameter's name, once positional arguments have got theirs.",
    )


@pytest.mark.task("secrets")
def test_an_error_that_quotes_a_secret_does_not_leak_it(candidate, guest, card):
    """The message of an error stays out of the log."""
    seen = candidate.probe("book", args=[guest, card], kwargs={}, raises="CardRefused", secret=["card"])
    text = seen["text"]

    assert card not in text and "CardRefused" in text, explain(
        did=f"I called a book that raises CardRefused('no luck with {card}'), with secret=('card',).",
        saw=f"The log holds {text!r}.",
        why="Whoever raises an error likes to quote what was wrong, and here that is the card.",
        look="What you write of the error: its class is enough. logger.exception and exc_info add its message.",
    )


@pytest.mark.task("secrets")
def test_each_function_has_its_own_arguments(candidate):
    """One decorator, used twice, describes each function by its own signature."""
    records = candidate.probe("book_twice", secret=["card"])
    wanted = ["charge(card=***) returned after 0.000 s", "refund(amount=20) returned after 0.000 s"]

    assert [text for _, text in records] == wanted, explain(
        did="I made one decorator, log = log_calls(secret=('card',)), put it on charge(card) and on "
        "refund(amount, card=None), and called charge('4111') and refund(20).",
        saw=f"The log holds {written({'records': records})}.",
        why="A service decorates fifty functions with one line at the top of its module.",
        look="What your decorator remembers from one function to the next.",
    )


def written(seen):
    return "; ".join(f"{level} {text!r}" for level, text in seen["records"]) or "nothing"
