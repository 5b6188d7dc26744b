"""Operations that fail by script, on a clock that only moves when somebody waits."""

import time


class GatewayBusy(Exception):
    """An error that only the caller knows to be transient."""


class Enough(BaseException):
    """Ends a loop that would never end."""


KINDS = {
    kind.__name__: kind
    for kind in (ConnectionError, ConnectionResetError, TimeoutError, ValueError, KeyboardInterrupt, GatewayBusy)
}
MOST_CALLS = 60


class Operation:
    """Raises or returns, call by call, what ``script`` says; its last entry repeats."""

    def __init__(self, script, watch, takes_s):
        self.script = script
        self.watch = watch
        self.takes_s = takes_s
        self.calls = 0
        self.last_error = None

    def __call__(self):
        what, value = self.script[min(self.calls, len(self.script) - 1)]
        self.calls += 1
        self.watch.now += self.takes_s
        if self.calls > MOST_CALLS:
            raise Enough
        if what == "returns":
            return value
        self.last_error = KINDS[what](value)
        raise self.last_error


class Watch:
    """A clock, and the sleep that moves it."""

    def __init__(self):
        self.now = 5000.0
        self.waits = []
        self.real_waits = []

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += max(0, seconds)


def retry_an_operation(script, draws=(0.5,), takes_s=0.0, transient=None, **settings):
    from retry import retry

    watch = Watch()
    time.sleep = watch.real_waits.append
    operation = Operation(script, watch, takes_s)
    drawn = iter(list(draws) * (MOST_CALLS + 1))
    if transient is not None:
        settings["transient"] = tuple(KINDS[name] for name in transient)
    seen = {"value": None, "error": None}
    try:
        seen["value"] = retry(
            operation, sleep=watch.sleep, draw=lambda: next(drawn), clock=lambda: watch.now, **settings
        )
    except NotImplementedError:
        raise
    except BaseException as error:
        seen["error"] = told(error, operation.last_error)
    return seen | {"calls": operation.calls, "waits": watch.waits, "real_waits": len(watch.real_waits)}


def told(error, last_error):
    cause = error.__cause__
    return {
        "type": type(error).__name__,
        "message": str(error),
        "is_last": error is last_error,
        "gave_up": "GaveUp" in [kind.__name__ for kind in type(error).__mro__],
        "cause": None if cause is None else f"{type(cause).__name__}: {cause}",
        "cause_is_last": cause is last_error,
    }


def retry_for_many(draws, base_s):
    """When each of many clients, who all fail at once, tries for the second time."""
    script = [("ConnectionError", "refused"), ("returns", "receipt")]
    runs = [retry_an_operation(script, draws=[draw], base_s=base_s) for draw in draws]
    return [sum(run["waits"]) for run in runs]
