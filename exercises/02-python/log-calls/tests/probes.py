"""Decorated functions of every kind, on a clock that only they move, and everything that was written meanwhile."""

import asyncio
import inspect
import io
import logging
from contextlib import redirect_stderr, redirect_stdout


class CardRefused(Exception):
    """An error that quotes what it was given."""


class NotAnException(BaseException):
    """Leaves through every `except Exception`, as Ctrl-C does."""


KINDS = {"ValueError": ValueError, "CardRefused": CardRefused, "NotAnException": NotAnException}


class Shop:
    """What is decorated: it takes ``takes_s`` seconds, and then raises ``raises`` or returns a booking."""

    def __init__(self, takes_s, raises, clock):
        self.takes_s, self.raises, self.clock = takes_s, raises, clock
        self.raised = None

    def work(self, guest, card):
        self.clock.now += self.takes_s
        if self.raises:
            self.raised = KINDS[self.raises](f"no luck with {card}")
            raise self.raised
        return f"booking for {guest}"


class Clock:
    def __init__(self):
        self.now = 700.0

    def __call__(self):
        return self.now


class Noted(logging.Handler):
    """Keeps the level and the message of each record, and all of the text that a log file would hold."""

    def __init__(self):
        super().__init__()
        self.records, self.text = [], []
        self.setFormatter(Short())

    def emit(self, record):
        self.records.append((record.levelname, record.getMessage()))
        self.text.append(self.format(record))


class Short(logging.Formatter):
    """Writes of a traceback the first line and the last."""

    def formatException(self, ei):
        return f"Traceback (most recent call last): … {ei[0].__name__}: {ei[1]}"


def decorated(kind, shop, settings):
    from log_calls import log_calls

    if kind == "function":

        @log_calls(**settings)
        def book(guest, card, nights=1):
            """Book a stay for a guest."""
            return shop.work(guest, card)

    elif kind == "async function":

        @log_calls(**settings)
        async def book(guest, card, nights=1):
            """Book a stay for a guest."""
            await asyncio.sleep(0)
            return shop.work(guest, card)

    else:

        class Desk:
            @log_calls(**settings)
            def book(self, guest, card, nights=1):
                """Book a stay for a guest."""
                return shop.work(guest, card)

        book = Desk().book
    return book


def book(args, kwargs, kind="function", takes_s=0.25, raises=None, secret=()):
    clock = Clock()
    shop, noted = Shop(takes_s, raises, clock), Noted()
    logger = logging.Logger("shop")
    logger.addHandler(noted)
    function = decorated(kind, shop, {"secret": secret, "logger": logger, "clock": clock})
    seen = {"value": None, "error": None, "is_that_very_error": False}
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            value = function(*args, **kwargs)
            if inspect.iscoroutine(value):
                value = asyncio.run(waited_for(value))
            seen["value"] = value if isinstance(value, str | None) else repr(value)
        except BaseException as error:
            if error is not shop.raised and not isinstance(error, Exception):
                raise
            seen["error"] = f"{type(error).__name__}: {error}"
            seen["is_that_very_error"] = error is shop.raised
    return seen | {"records": noted.records, "text": "\n".join([*noted.text, printed.getvalue()]).strip()}


async def waited_for(coroutine):
    return await coroutine


def book_twice(secret):
    """Two functions under one decorator, to see that neither is taken for the other."""
    from log_calls import log_calls

    noted, logger = Noted(), logging.Logger("shop")
    logger.addHandler(noted)
    log = log_calls(secret=secret, logger=logger, clock=Clock())

    @log
    def charge(card):
        return card

    @log
    def refund(amount, card=None):
        return amount

    charge("4111")
    refund(20)
    return noted.records


def face(kind):
    function = decorated(kind, None, {})
    return {
        "name": getattr(function, "__name__", None),
        "doc": getattr(function, "__doc__", None),
        "signature": str(inspect.signature(function)),
        "is_async": inspect.iscoroutinefunction(function),
    }


def default_logger():
    noted = Noted()
    logging.getLogger("staybook").addHandler(noted)
    logging.getLogger("staybook").setLevel("INFO")
    decorated("function", Shop(0, None, Clock()), {})(7, "4111")
    return [level for level, _ in noted.records]
