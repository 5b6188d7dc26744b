"""Loggers of every age, records of every kind, and the text that came out at the other end."""

import contextlib
import io
import logging
import os


class Gateway(Exception):
    """An error that quotes what it was given."""


class Token:
    """Something that JSON does not know."""

    def __init__(self, text):
        self.text = text

    def __str__(self):
        return self.text


@contextlib.contextmanager
def as_it_was():
    """Give back the root logger as it was: these probes may share their process with a pytest run."""
    root = logging.getLogger()
    handlers, filters, level = root.handlers[:], root.filters[:], root.level
    try:
        yield
    finally:
        root.handlers[:], root.filters[:] = handlers, filters
        root.setLevel(level)


def write(records, level="DEBUG", times=1):
    """Set up logging ``times`` times, write ``records``, and return the lines that came out, with what went wrong.

    A record is a dict: ``level``, ``message``, and if there are any ``args``, ``extra``, ``token`` (an extra
    field that JSON does not know), ``raises`` (the message of an error that is being handled) and ``logger``.
    """
    from logging_setup import configure_logging

    stream, trouble = io.StringIO(), io.StringIO()
    with as_it_was(), contextlib.redirect_stderr(trouble):
        for _ in range(times):
            configure_logging({"LOG_LEVEL": level}, stream)
        for record in records:
            log(**record)
    return {"text": stream.getvalue(), "trouble": last_line(trouble.getvalue())}


def log(level, message, args=(), extra=None, token=None, raises=None, logger="staybook.probes"):
    extra = dict(extra or {})
    if token is not None:
        extra["token"] = Token(token)
    if raises is None:
        logging.getLogger(logger).log(level, message, *args, extra=extra)
        return
    try:
        raise Gateway(raises)
    except Gateway:
        logging.getLogger(logger).log(level, message, *args, extra=extra, exc_info=True)


def last_line(text):
    """What Python's logging says on standard error about a record that it could not write."""
    errors = [line for line in text.splitlines() if "Error" in line and not line.startswith((" ", "---"))]
    return errors[-1] if errors else ""


def write_with_an_old_logger(message):
    """Make a logger first, set up logging then."""
    old = logging.getLogger("staybook.imported.early")
    from logging_setup import configure_logging

    stream = io.StringIO()
    with as_it_was():
        configure_logging({}, stream)
        old.info(message)
    return stream.getvalue()


def when_written(created):
    """Handle a record that was made at ``created``, and return what came out."""
    from logging_setup import configure_logging

    stream = io.StringIO()
    with as_it_was():
        configure_logging({}, stream)
        made = {"name": "staybook", "msg": "late", "levelno": 20, "levelname": "INFO"}
        made |= {"created": created, "msecs": created % 1 * 1000}
        logging.getLogger("staybook").handle(logging.makeLogRecord(made))
    return stream.getvalue()


LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def levels_written(environ, by_process=False):
    """The levels that come through; ``by_process`` puts ``environ`` into os.environ, after the import."""
    from logging_setup import configure_logging

    stream, kept = io.StringIO(), os.environ.get("LOG_LEVEL")
    with as_it_was():
        try:
            if by_process:
                os.environ.update(environ)
                configure_logging(stream=stream)
            else:
                configure_logging(environ, stream)
        finally:
            os.environ.pop("LOG_LEVEL", None)
            if kept is not None:
                os.environ["LOG_LEVEL"] = kept
        for name in LEVELS:
            logging.getLogger("staybook").log(getattr(logging, name), "at %s.", name)
    return [name for name in LEVELS if f"at {name}." in stream.getvalue()]


def refused_level(name):
    from logging_setup import configure_logging

    with as_it_was():
        try:
            configure_logging({"LOG_LEVEL": name}, io.StringIO())
        except ValueError as error:
            return {"type": type(error).__name__, "message": f"{error}", "because": f"{error.__cause__ or ''}"}
    return None


def to_standard_error(message):
    from logging_setup import configure_logging

    errors = io.StringIO()
    with as_it_was(), contextlib.redirect_stderr(errors):
        configure_logging({})
        logging.getLogger("staybook").info(message)
    return errors.getvalue()


def move(message):
    """Set up logging on one stream, then on another."""
    from logging_setup import configure_logging

    first, second = io.StringIO(), io.StringIO()
    with as_it_was():
        configure_logging({}, first)
        configure_logging({}, second)
        logging.getLogger("staybook").info(message)
    return {"first": first.getvalue(), "second": second.getvalue()}


def confirm(booking, raises=None):
    """Confirm a booking whose charge works, or raises a PaymentError that says ``raises``."""
    import bookings
    from logging_setup import configure_logging

    def ask_gateway(card, amount):
        if raises:
            raise bookings.PaymentError(raises)
        charged.append([card, amount])

    stream, charged = io.StringIO(), []
    with as_it_was():
        configure_logging({}, stream)
        value = bookings.confirm(bookings.Booking(**booking), ask_gateway)
    return {"value": value, "charged": charged, "text": stream.getvalue()}
