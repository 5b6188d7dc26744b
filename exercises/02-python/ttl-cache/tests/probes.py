"""Functions that number their runs, on a clock that only the test moves."""

import gc
import weakref


class Clock:
    def __init__(self):
        self.now = 4096.0

    def __call__(self):
        return self.now


def cached(function, clock, settings):
    from ttl_cache import ttl_cache

    return ttl_cache(**settings, clock=clock)(function)


def ask(steps, **settings):
    """Go through the steps: a number waits, ``[args, kwargs]`` calls. The answers are the numbers of the runs."""
    clock, runs, answers = Clock(), [], []

    def price(*args, **kwargs):
        runs.append((args, kwargs))
        return len(runs)

    price = cached(price, clock, settings)
    for step in steps:
        if isinstance(step, int | float):
            clock.now += step
        else:
            args, kwargs = step
            answers.append(price(*args, **kwargs))
    return {"answers": answers, "runs": len(runs)}


def ask_for(outcomes, times):
    """Call again and again what returns, or raises as ValueError, one outcome after the other."""
    runs, seen = [], []

    def price(night):
        what, value = outcomes[min(len(runs), len(outcomes) - 1)]
        runs.append(night)
        if what == "raises":
            raise ValueError(value)
        return value

    price = cached(price, Clock(), {"seconds": 60})
    for _ in range(times):
        try:
            seen.append(["returned", price("2026-05-01")])
        except ValueError as error:
            seen.append(["raised", str(error)])
    return {"seen": seen, "runs": len(runs)}


def desks_with(settings):
    """A class whose method is cached, and which knows the city that it prices."""
    from ttl_cache import ttl_cache

    class Desk:
        def __init__(self, city):
            self.city, self.runs = city, 0

        @ttl_cache(**settings, clock=Clock())
        def price(self, night):
            """Price a night in the city of this desk."""
            self.runs += 1
            return f"{self.city}, night {night}"

    return Desk


def ask_desks(cities, nights, rounds=2, **settings):
    Desk = desks_with({"seconds": 60} | settings)
    desks = [Desk(city) for city in cities]
    answers = [[[desk.price(night) for night in nights] for desk in desks] for _ in range(rounds)]
    return {"answers": answers, "runs": [desk.runs for desk in desks]}


def let_desks_go(count):
    """How many of the desks are still there when nobody holds them but the cache."""
    Desk = desks_with({"seconds": 60})
    desks = [Desk(f"city {number}") for number in range(count)]
    answers = [desk.price(1) for desk in desks]
    watched = [weakref.ref(desk) for desk in desks]
    del desks
    gc.collect()
    return {"alive": sum(desk() is not None for desk in watched), "answers": len(answers), "of": Desk.__name__}


def face():
    price = desks_with({"seconds": 60}).price
    return {"name": getattr(price, "__name__", None), "doc": getattr(price, "__doc__", None)}
