"""Every record is one JSON object on one line, with fields to ask for and nothing private in it."""

import datetime as dt
import json
import logging
import re
from decimal import Decimal

import pytest

from prodev.testbed import explain

OURS = ("time", "level", "logger", "message")


@pytest.fixture
def booking_id(rng):
    return rng.randint(1000, 9999)


@pytest.fixture
def card(rng):
    """Sixteen digits whose check digit is right."""
    digits = [4, *(rng.randint(0, 9) for _ in range(14))]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[::2]]
    return "".join(map(str, [*digits, -(sum(doubled) + sum(digits[1::2])) % 10]))


@pytest.fixture
def email(rng):
    return f"{rng.choice(['ada', 'bo', 'chi'])}.{rng.randint(10, 99)}@example.org"


@pytest.fixture
def one_line(candidate):
    """Write one record, and return the object that came out."""

    def one_line(message, *, level=logging.INFO, **record):
        seen = candidate.probe("write", records=[{"level": level, "message": message, **record}])
        return parsed(seen["text"], f"I logged {shown(message, record)}.", seen["trouble"])[0]

    return one_line


def parsed(text, did, trouble="", count=1):
    """Read each line as JSON; fail the test unless there are ``count`` objects."""
    lines, objects = text.splitlines(), []
    for line in lines:
        try:
            objects.append(json.loads(line))
        except ValueError as error:
            saw = f"A line is not JSON: {line[:120]!r} ({error})."
            break
    else:
        saw = f"{len(lines)} lines came out; I expected {count}."
    is_good = len(objects) == len(lines) == count and all(isinstance(each, dict) for each in objects)
    assert is_good, explain(
        did=did,
        saw=saw + (f" Python's logging complained: {trouble}." if trouble else ""),
        why="The program that reads the log takes each line by itself; one that it cannot read is lost, or stops it.",
        look="Whether json.dumps makes the whole line, and what it does with a value that it does not know.",
    )
    return objects


def brief(text):
    """The beginning of ``text``, whose files have lost their folders."""
    return re.sub(r"(/[\w.-]+)+/", "", text)[:300]


def shown(message, record):
    more = {key: record[key] for key in ("args", "extra", "token", "raises") if key in record}
    return f"{message!r}" + (f" with {', '.join(f'{key}={value!r}' for key, value in more.items())}" if more else "")


@pytest.mark.task("lines")
@pytest.mark.parametrize(
    ("message", "args"),
    [
        ("%d nights for %s at %.2f", [3, "Ada", 89.9]),
        ('Bo says "100 %" and C:\\new', []),
        ('Ada\n{"level": "CRITICAL", "message": "forged"}', []),
        ("naïve ☕", []),
    ],
    ids=["arguments", "quotes", "line end", "letters"],
)
def test_a_record_is_one_line(one_line, message, args):
    """Whatever a message holds, its record is one line of JSON."""
    wanted = message % tuple(args) if args else message

    line = one_line(message, args=args, level=logging.WARNING, logger="staybook.mail")

    found = {name: line.get(name) for name in ("level", "logger", "message")}
    assert found == {"level": "WARNING", "logger": "staybook.mail", "message": wanted}, explain(
        did=f"I logged {shown(message, {'args': args})} to staybook.mail, at level WARNING.",
        saw=f"The line says {found}; I expected the message {wanted!r}.",
        why="Guests choose their names: a log that lets one of them end a line lets them write lines of their own.",
        look="record.levelname, record.name and record.getMessage(), which puts the arguments in.",
    )


@pytest.mark.task("lines")
def test_says_when(candidate, rng):
    """The time is that of the record, in UTC."""
    created = dt.datetime(2026, 3, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=rng.randrange(10**7), milliseconds=250)

    text = candidate.probe("when_written", created=created.timestamp())
    time = parsed(text, "I handed over a record that was made earlier.")[0].get("time")

    assert instant(time) == created, explain(
        did=f"I handed over a record whose `created` is {created.timestamp()}, that is {created.isoformat()}.",
        saw=f"The line says time={time!r}.",
        why="Records wait in queues and come from machines in many zones: only their own instant, with its offset, "
        "puts them in order.",
        look="datetime.fromtimestamp(record.created, UTC).isoformat(timespec='milliseconds')",
    )


def instant(time):
    """The moment that ``time`` names, to the millisecond; None when it names none."""
    try:
        read = dt.datetime.fromisoformat(time)
    except (TypeError, ValueError):
        return None
    if read.tzinfo is None or "T" not in time:
        return None
    return dt.datetime.fromtimestamp(round(read.timestamp(), 3), dt.UTC)


@pytest.mark.task("lines")
def test_hears_loggers_that_were_there_before(candidate, booking_id):
    """A logger that was made before logging was set up is written too."""
    did = "I made a logger, as an import does, set up logging, and logged one line with it."

    text = candidate.probe("write_with_an_old_logger", message=f"booking {booking_id}")

    assert text.count(str(booking_id)) == 1, explain(
        did=did,
        saw=f"{len(text.splitlines())} lines came out.",
        why="Nearly every logger is made by an import, and imports come first: their records would be lost in silence.",
        look="disable_existing_loggers, which dictConfig takes for true unless you say otherwise.",
    )


@pytest.mark.task("lines")
def test_writes_to_standard_error_by_default(candidate, booking_id):
    """Without a stream, the lines go to standard error."""
    text = candidate.probe("to_standard_error", message=f"booking {booking_id}")

    assert text.count(str(booking_id)) == 1, explain(
        did="I called configure_logging({}) without a stream and logged one line.",
        saw=f"Standard error holds {text[:120]!r}.",
        why="Standard error is where a container's log is collected from.",
        look="logging.StreamHandler(None), which takes sys.stderr as it is at that moment.",
    )


@pytest.mark.task("fields")
def test_extra_fields_are_fields(one_line, booking_id, rng):
    """What was given in extra stands in the line by its own name, with its own type."""
    extra = {
        "booking_id": booking_id,
        "share": 0.25,
        "is_late": rng.choice([True, False]),
        "voucher": None,
        "nights": [1, "two", [3.5]],
        "guest": {"name": "Ada", "stays": rng.randint(2, 9)},
    }

    line = one_line("booking confirmed", extra=extra)

    found = {name: line.get(name, "<missing>") for name in extra}
    assert {name: (value, type(value)) for name, value in found.items()} == {
        name: (value, type(value)) for name, value in extra.items()
    }, explain(
        did=f"I logged 'booking confirmed' with extra={extra}.",
        saw=f"In the line I found {found}.",
        why="`select(.booking_id == 7 and .share > 0.2)` finds numbers that are numbers.",
        look="What vars(record) holds beyond vars(logging.makeLogRecord({})), and where you call str().",
    )


@pytest.mark.task("fields")
def test_what_json_does_not_know_becomes_text(one_line, rng):
    """A value of any other class is written as str() says it."""
    amount, day, token = Decimal(rng.randint(100, 999)) / 10, dt.date(2026, 5, rng.randint(1, 28)), "token 7"
    extra = {"amount": amount, "day": day, "parts": [amount], "rates": {"night": amount}}
    wanted = {"amount": str(amount), "day": str(day), "parts": [str(amount)], "rates": {"night": str(amount)}}

    line = one_line("paid", extra=extra, token=token)

    found = {name: line.get(name, "<missing>") for name in [*wanted, "token"]}
    assert found == wanted | {"token": token}, explain(
        did=f"I logged 'paid' with extra={extra}, and a token whose str() is {token!r}.",
        saw=f"In the line I found {found}.",
        why="A record that cannot be written is lost when it is wanted most; and an amount must stay exact.",
        look="json.dumps(…, default=str), or str() for whatever is no number, text, list or dict.",
    )


@pytest.mark.task("fields")
def test_extra_fields_do_not_replace_ours(one_line):
    """A field called level, time or logger changes nothing about the record."""
    extra = dict.fromkeys(("level", "time", "logger"), "mine")

    line = one_line("over budget", level=logging.ERROR, extra=extra)

    changed = sorted(name for name in extra if line.get(name, "mine") == "mine")
    assert not changed, explain(
        did=f"I logged 'over budget' at level ERROR, with extra={extra}.",
        saw=f"The line says {', '.join(f'{name}={line.get(name)!r}' for name in changed)}.",
        why="One careless field would hide an error from every search for level=ERROR.",
        look="The order in which you put the fields together: whoever comes last wins.",
    )


@pytest.mark.task("traceback")
def test_a_traceback_is_a_field(candidate, booking_id):
    """A record with an error is one line, and holds the whole traceback."""
    record = {"level": logging.ERROR, "message": "no room", "raises": f"no room for {booking_id}"}
    record |= {"extra": {"error": "E17"}}

    seen = candidate.probe("write", records=[record, {"level": logging.INFO, "message": "after it"}])

    lines = seen["text"].splitlines()
    assert len(lines) == 2, explain(
        did="I logged one record with a traceback and one without.",
        saw=f"{len(lines)} lines came out; the second is {lines[1][:80]!r}."
        if len(lines) > 1
        else "One line came out."
        if lines
        else f"No line came out. {seen['trouble']}",
        why="A traceback that is cut into lines mixes with those of other requests, and no search puts it together.",
        look="logging.Formatter.format, which appends the traceback below; formatException gives it to you as text.",
    )
    first, second = (parsed(line, "I logged one record with a traceback and one without.")[0] for line in lines)
    error = str(first.get("error"))
    assert "Traceback" in error and f"Gateway: no room for {booking_id}" in error and "in log" in error, explain(
        did=f"I logged 'no room' with extra={record['extra']} while an error was handled: "
        f"Gateway('no room for {booking_id}').",
        saw=f"The field error holds {brief(error)!r}.",
        why="The class and the message say what went wrong; only the lines between say where.",
        look="self.formatException(record.exc_info)",
    )
    assert "error" not in second, explain(
        did="Then I logged a record without an error.",
        saw=f"Its line has the field error={second.get('error')!r}.",
        why="Whoever counts the lines with an error counts this one too.",
        look="When you add the field.",
    )


@pytest.mark.task("private")
@pytest.mark.parametrize("logger", ["root", "staybook", "vendor.sdk.http"])
def test_redacts_for_every_logger(candidate, card, logger):
    """Whichever logger a record comes from, it is redacted."""
    records = [{"level": logging.INFO, "message": f"paid by {card}", "logger": logger}]

    text = candidate.probe("write", records=records)["text"]

    assert card not in text and "paid by [card]" in text, explain(
        did=f"I logged 'paid by {card}' to the logger {logger}.",
        saw=f"The log holds {text[:200]!r}.",
        why="Half of the lines come from libraries, whose loggers you have never heard of.",
        look="Where redaction hangs: a filter on a logger is not asked about the records of its children, "
        "a handler's filter and formatter are.",
    )


PLACES = {
    "the message": lambda secret: {"message": f"paid by {secret}."},
    "an argument": lambda secret: {"message": "paid by %s (%d nights)", "args": [secret, 3]},
    "an extra field": lambda secret: {"message": "paid", "extra": {"payer": secret}},
    "a list in a dict in an extra field": lambda secret: {"message": "paid", "extra": {"body": {"by": [secret]}}},
    "a key of a dict in an extra field": lambda secret: {"message": "paid", "extra": {"body": {secret: 1}}},
    "an object in an extra field": lambda secret: {"message": "paid", "token": f"payer {secret}"},
    "the message of an error": lambda secret: {"message": "paid", "raises": f"declined for {secret}"},
}


@pytest.mark.task("private")
@pytest.mark.parametrize("place", PLACES)
def test_nothing_private_is_written(candidate, rng, card, email, place):
    """Cards and e-mail addresses are redacted wherever they come in."""
    spaced = " ".join(card[start : start + 4] for start in range(0, 16, 4))
    secrets = [card, spaced, email]
    rng.shuffle(secrets)
    records = [{"level": logging.INFO, **PLACES[place](secret)} for secret in secrets]

    seen = candidate.probe("write", records=records)

    lines, leaked = seen["text"].splitlines(), [secret for secret in secrets if secret in seen["text"]]
    assert not leaked, explain(
        did=f"I logged {shown(records[secrets.index(leaked[0])]['message'], PLACES[place](leaked[0]))}."
        if leaked
        else "",
        saw=f"{leaked[0]!r} is in the log: {brief(next(line for line in lines if leaked[0] in line))}"
        if leaked
        else "",
        why="Logs are copied, searched and kept for years by people who must never see a card.",
        look=f"What you redact, and when: this one came in {place}.",
    )
    marks = ["[email]" if secret == email else "[card]" for secret in secrets]
    assert len(lines) == 3 and all(mark in line for mark, line in zip(marks, lines, strict=True)), explain(
        did=f"I logged three lines with {secrets[0]}, {secrets[1]} and {secrets[2]} in {place}.",
        saw=f"{len(lines)} lines came out: {brief(' '.join(lines))!r}. I expected {marks[0]}, {marks[1]} and "
        f"{marks[2]} in them. {seen['trouble']}",
        why="The rest of a record is needed; a line that is lost to protect a card protects nobody.",
        look=f"redact(), and what becomes of the rest of a record that has something private in {place}.",
    )


@pytest.mark.task("private")
def test_a_card_that_is_a_number_is_redacted(candidate, card, booking_id):
    """A card number in an extra field is redacted when it is an int, too."""
    records = [{"level": logging.INFO, "message": "paid", "extra": {"payer": int(card), "booking_id": booking_id}}]

    text = candidate.probe("write", records=records)["text"]
    try:
        line = json.loads(text)
    except ValueError:
        line = None

    assert line is not None, explain(
        did=f"I logged 'paid' with extra={records[0]['extra']}; the card is an int.",
        saw=f"The line is not JSON any more: {text.strip()[:200]}",
        why="What is cut out of a finished line may leave a hole where JSON wants a value.",
        look="Redact the values, then make the line of them.",
    )
    assert (line.get("payer"), line.get("booking_id")) == ("[card]", booking_id), explain(
        did=f"I logged 'paid' with extra={records[0]['extra']}; the card is an int.",
        saw=f"The line says payer={line.get('payer')!r}, booking_id={line.get('booking_id')!r}.",
        why="A payload that was read from JSON brings its numbers as numbers.",
        look="What you do with values that are no text: redact(str(value)) tells whether one is a card.",
    )


@pytest.mark.task("private")
def test_leaves_other_numbers_alone(one_line, rng, card):
    """A long number that is no card stays as it is."""
    other = int(card) // 10 * 10 + (int(card) + rng.randint(1, 9)) % 10

    line = one_line(f"order {other}", extra={"order": other, "ns": 1777627800000000001})

    found = (line.get("message"), line.get("order"), line.get("ns"))
    assert found == (f"order {other}", other, 1777627800000000001), explain(
        did=f"I logged 'order {other}' with extra order={other} and ns=1777627800000000001; neither is a card.",
        saw=f"The line says message={found[0]!r}, order={found[1]!r}, ns={found[2]!r}.",
        why="A log in which half of the numbers are stars answers no questions.",
        look="Leave it to redact() to decide, and keep a value that it does not change.",
    )


@pytest.mark.task("level")
@pytest.mark.parametrize(
    ("value", "written"),
    [("debug", 5), ("INFO", 4), ("Warning", 3), ("error", 2), ("CRITICAL", 1), ("", 4), (None, 4)],
)
def test_the_level_comes_from_the_environment(candidate, value, written):
    """LOG_LEVEL is the lowest level that is written; INFO when it is missing or empty."""
    environ = {} if value is None else {"LOG_LEVEL": value}
    wanted = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"][5 - written :]

    levels = candidate.probe("levels_written", environ=environ)

    assert levels == wanted, explain(
        did=f"I called configure_logging({environ}) and logged once at each of the five levels.",
        saw=f"Written were {levels}; I expected {wanted}.",
        why="At three in the morning somebody sets LOG_LEVEL=debug and restarts; nobody edits code then.",
        look="The level of the root logger.",
    )


@pytest.mark.task("level")
@pytest.mark.parametrize("value", ["error", "debug"])
def test_the_process_environment_is_read_when_asked(candidate, value):
    """Without environ, os.environ counts, as it is at the call."""
    wanted = ["ERROR", "CRITICAL"] if value == "error" else ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]

    levels = candidate.probe("levels_written", environ={"LOG_LEVEL": value}, by_process=True)

    assert levels == wanted, explain(
        did=f"I imported logging_setup, set LOG_LEVEL={value} in os.environ, and called configure_logging().",
        saw=f"Written were {levels}; I expected {wanted}.",
        why="What is read at import is whatever was there when somebody first imported you: a .env file comes later.",
        look="Where os.environ stands: in the body of the function, not above it and not among its defaults.",
    )


@pytest.mark.task("level")
@pytest.mark.parametrize("value", ["loud", "INF0"])
def test_an_unknown_level_is_refused(candidate, value):
    """A LOG_LEVEL that nobody knows raises ValueError, which names it."""
    refused = candidate.probe("refused_level", name=value)

    assert refused is not None and value.upper() in f"{refused['message']} {refused['because']}".upper(), explain(
        did=f"I called configure_logging({{'LOG_LEVEL': {value!r}}}).",
        saw=f"It raised {refused['type']}: {refused['message']}." if refused else "It raised no ValueError.",
        why="A typing error that turns into INFO is found out on the night when DEBUG was needed.",
        look="setLevel, which raises ValueError for a name that it does not know.",
    )


@pytest.mark.task("once")
@pytest.mark.parametrize("logger", ["root", "vendor.sdk"])
def test_each_record_is_written_once(candidate, rng, logger):
    """Setting up logging again does not write anything twice."""
    times = rng.randint(3, 6)
    records = [{"level": logging.INFO, "message": f"line {number}", "logger": logger} for number in (1, 2)]

    text = candidate.probe("write", records=records, times=times)["text"]
    counts = [text.count(f"line {number}") for number in (1, 2)]

    assert counts == [1, 1], explain(
        did=f"I called configure_logging {times} times, and logged 'line 1' and 'line 2'.",
        saw=f"Line 1 was printed {counts[0]} times and line 2 {counts[1]} times.",
        why="Tests, workers and web servers all set up logging, and each count that is taken from this log is wrong.",
        look="addHandler, which adds: what stood there before has to go first.",
    )


@pytest.mark.task("once")
def test_setting_up_again_moves_the_log(candidate, booking_id):
    """After a second call, lines go where that one said, and nowhere else."""
    seen = candidate.probe("move", message=f"booking {booking_id}")
    counts = {name: text.count(str(booking_id)) for name, text in seen.items()}

    assert counts == {"first": 0, "second": 1}, explain(
        did="I called configure_logging with one stream, then with another, and logged one line.",
        saw=f"On the first stream it stands {counts['first']} times, on the second {counts['second']} times.",
        why="The first stream may be closed by now; and whoever calls again means it.",
        look="Whether a second call replaces your handler, or sees that there is one and leaves.",
    )


@pytest.fixture
def booking(booking_id, card, email, rng):
    return {"id": booking_id, "guest": email, "card": card, "amount": Decimal(rng.randint(10000, 99999)).scaleb(-2)}


@pytest.mark.task("calls")
def test_a_confirmed_booking_is_one_event(candidate, booking):
    """The message is the same for every booking; which one it was stands in fields."""
    wanted = {"level": "INFO", "message": "booking confirmed"}
    fields = {"booking_id": str(booking["id"]), "amount": str(booking["amount"])}

    seen = candidate.probe("confirm", booking=booking)
    line = parsed(seen["text"], f"I confirmed booking {booking['id']}.")[0]

    found = {name: line.get(name) for name in wanted} | {name: str(line.get(name)) for name in fields}
    prose = "booking_id is prose, not a field: " if "booking_id" not in line and str(booking["id"]) in str(line) else ""
    assert found == wanted | fields, explain(
        did=f"I confirmed booking {booking['id']} over {booking['amount']}; the charge worked.",
        saw=f"{prose}the line says {line}; I expected {wanted | fields}.",
        why="'How many were confirmed?' counts one message; 'what became of this one?' asks for one field. "
        "A sentence with the number in it answers neither.",
        look="The message of your call, without any value in it, and extra={…}.",
    )


@pytest.mark.task("calls")
@pytest.mark.parametrize("raises", [None, "declined"])
def test_confirm_does_what_it_did(candidate, booking, raises):
    """The charge is made once, and its outcome returned."""
    wanted = {"value": raises is None, "charged": [] if raises else [[booking["card"], booking["amount"]]]}

    seen = candidate.probe("confirm", booking=booking, raises=raises)

    assert {name: seen[name] for name in wanted} == wanted, explain(
        did=f"I called confirm with a charge that {'raises a PaymentError' if raises else 'works'}.",
        saw=f"It returned {seen['value']!r}, and {len(seen['charged'])} charges went through.",
        why="Whoever mends a log must not change what the program does.",
        look="The code around your two log calls.",
    )


@pytest.mark.task("failures")
def test_a_failed_payment_says_where(candidate, booking):
    """A PaymentError is logged as an error, with fields and with its traceback."""
    wanted = {"level": "ERROR", "message": "payment failed"}
    fields = {"booking_id": str(booking["id"]), "amount": str(booking["amount"])}

    seen = candidate.probe("confirm", booking=booking, raises="insufficient funds")
    line = parsed(seen["text"], f"I confirmed booking {booking['id']}, whose charge raises a PaymentError.")[0]

    error = str(line.get("error", ""))
    assert "ask_gateway" in error and "PaymentError: insufficient funds" in error, explain(
        did=f"I confirmed booking {booking['id']}, whose charge raises PaymentError('insufficient funds').",
        saw=f"No traceback: the line says {brief(str(line))}.",
        why="An error without its traceback says that something failed, and not where.",
        look="LOGGER.exception(…), which is LOGGER.error(…, exc_info=True).",
    )
    found = {name: line.get(name) for name in wanted} | {name: str(line.get(name)) for name in fields}
    assert found == wanted | fields, explain(
        did=f"I confirmed booking {booking['id']}, whose charge raises PaymentError('insufficient funds').",
        saw=f"The line says {found}; I expected {wanted | fields}.",
        why="Failed payments are counted by their message and level, and looked into by their fields.",
        look="The message of your call, without any value in it, and extra={…}.",
    )
