"""An answer serves those who ask the same, for its time, and takes no more room than it was given."""

import pytest

from prodev.testbed import explain

RUN_IS_THE_ANSWER = "it returned the number of its run"


def call(*args, **kwargs):
    return [args, kwargs]


@pytest.fixture
def listing(rng):
    return rng.randint(2, 900)


@pytest.mark.task("by-key")
def test_the_same_question_runs_once(candidate, listing, rng):
    """Asked again, the cache answers without running the function."""
    times = rng.randint(3, 6)

    seen = candidate.probe("ask", steps=[call(listing, "EUR")] * times, seconds=60)

    assert seen == {"answers": [1] * times, "runs": 1}, explain(
        did=f"I called price({listing}, 'EUR') {times} times within a second; {RUN_IS_THE_ANSWER}.",
        saw=f"It ran {seen['runs']} times, and I got {seen['answers']}.",
        why="Each run is a request to the exchange-rate service, and the page waits for all of them.",
        look="Where you keep an answer, and whether it outlives the call.",
    )


@pytest.mark.task("by-key")
@pytest.mark.parametrize("how", ["position", "keyword", "name"])
def test_another_question_has_another_answer(candidate, listing, how):
    """Every argument belongs to the question, by value and by name."""
    one, other = {
        "position": (call(listing, "EUR"), call(listing, "USD")),
        "keyword": (call(listing, currency="EUR"), call(listing, currency="USD")),
        "name": (call(listing, adults=2), call(listing, children=2)),
    }[how]

    seen = candidate.probe("ask", steps=[one, other], seconds=60)

    assert seen["answers"] == [1, 2], explain(
        did=f"I called {spelled(one)}, then {spelled(other)}; {RUN_IS_THE_ANSWER}.",
        saw=f"{spelled(other)} was answered with {spelled(one)}: I got {seen['answers']}.",
        why="A guest who pays in dollars is shown the number in euros.",
        look="The key: which of the arguments are in it, and do keywords bring their names?",
    )


@pytest.mark.task("by-key")
def test_the_order_of_keywords_makes_no_difference(candidate, listing):
    """Two ways to write one call are one question."""
    one, other = call(listing, currency="EUR", nights=3), call(listing, nights=3, currency="EUR")

    seen = candidate.probe("ask", steps=[one, other], seconds=60)

    assert seen["answers"] == [1, 1], explain(
        did=f"I called {spelled(one)}, then {spelled(other)}; {RUN_IS_THE_ANSWER}.",
        saw=f"It ran {seen['runs']} times.",
        why="Two callers who write the same question differently each pay for it, and take the room of two.",
        look="What your key makes of kwargs: a dictionary keeps the order in which it was written.",
    )


@pytest.mark.task("expires")
def test_an_answer_grows_old(candidate, listing, rng):
    """When its seconds have passed, the function runs again, and the new answer counts from then on."""
    seconds, late = rng.choice([30, 60, 300]), rng.randint(1, 9)
    question = call(listing)

    seen = candidate.probe("ask", steps=[question, seconds + late, question, seconds - 1, question], seconds=seconds)

    assert seen["answers"] == [1, 2, 2], explain(
        did=f"With ttl_cache({seconds}), I called price({listing}), again {seconds + late} s later, "
        f"and once more {seconds - 1} s after that; {RUN_IS_THE_ANSWER}.",
        saw=f"{seconds + late} s later, still yesterday's price: I got {seen['answers']}."
        if seen["answers"][1] == 1
        else f"I got {seen['answers']}; I expected [1, 2, 2].",
        why="A cache that never forgets shows the rates of the day of the last deployment.",
        look="Where you note when an answer was made, and where you compare that with the clock.",
    )


@pytest.mark.task("expires")
@pytest.mark.parametrize(("before", "runs"), [(0.5, 1), (0, 2)], ids=["just in time", "on the second"])
def test_an_answer_serves_for_less_than_its_seconds(candidate, listing, before, runs):
    """The last moment belongs to the answer; the end of its time does not."""
    seen = candidate.probe("ask", steps=[call(listing), 60 - before, call(listing)], seconds=60)

    assert seen["runs"] == runs, explain(
        did=f"With ttl_cache(60), I called price({listing}), and again {60 - before:g} s later.",
        saw=f"It ran {seen['runs']} times; I expected {runs}.",
        why="'For 60 s' has to mean the same on both sides: half-open, as every stay in this house.",
        look="`<` or `<=` where you compare with the clock.",
    )


@pytest.mark.task("expires")
def test_reading_does_not_make_an_answer_younger(candidate, listing):
    """An answer that is read all the time grows old all the same."""
    question = call(listing)

    seen = candidate.probe("ask", steps=[question, 25, question, 25, question, 25, question], seconds=60)

    assert seen["answers"] == [1, 1, 1, 2], explain(
        did=f"With ttl_cache(60), I called price({listing}) every 25 s, four times; {RUN_IS_THE_ANSWER}.",
        saw=f"I got {seen['answers']}: after 75 s I should have got a new one.",
        why="The busiest page would show the oldest price: its readers would keep it from ever being looked up again.",
        look="Which lines set the time of an answer. A hit is not one of them.",
    )


@pytest.mark.task("answers")
@pytest.mark.parametrize("value", [None, 0, "", False], ids=repr)
def test_whatever_is_returned_is_an_answer(candidate, value):
    """None and 0 are kept like any other answer."""
    seen = candidate.probe("ask_for", outcomes=[["returns", value]], times=3)

    assert (seen["runs"], seen["seen"]) == (1, [["returned", value]] * 3), explain(
        did=f"I called a function three times that returns {value!r}.",
        saw=f"A cached {value!r} is recomputed every time: it ran {seen['runs']} times."
        if seen["runs"] == 3
        else f"It ran {seen['runs']} times, and I got {seen['seen']}.",
        why="'No discount' is what most lookups say, and it costs as much to find out as any other answer.",
        look="How you notice that there is no answer yet. A value cannot say that it is missing.",
    )


@pytest.mark.task("answers")
def test_an_error_is_not_kept(candidate, rng):
    """After an error the next call tries again, and its answer stays."""
    rate = rng.randint(100, 999)
    outcomes = [["raises", "rates are down"], ["returns", rate]]

    seen = candidate.probe("ask_for", outcomes=outcomes, times=3)

    assert seen["seen"] == [["raised", "rates are down"], ["returned", rate], ["returned", rate]], explain(
        did=f"I called a function three times that first raises ValueError('rates are down'), then returns {rate}.",
        saw=f"I got {seen['seen']}.",
        why="A service that stumbled for a second would be down for a minute, by your own doing.",
        look="What happens in your code when the function raises: nothing should be stored, nothing caught.",
    )


@pytest.mark.task("bounded")
def test_the_answer_used_longest_ago_goes(candidate, rng):
    """One too many pushes out the one that nobody has used for the longest time."""
    size = rng.randint(3, 5)
    fill = [call(number) for number in range(1, size + 1)]
    # Read the oldest, bring in one more, and ask who is still there: first those who stay, last the one who goes.
    steps = [*fill, call(1), call(99), call(1), *[call(n) for n in range(3, size + 1)], call(99), call(2)]
    wanted = [*range(1, size + 1), 1, size + 1, 1, *range(3, size + 1), size + 1, size + 2]

    seen = candidate.probe("ask", steps=steps, seconds=60, max_size=size)

    assert seen["answers"] == wanted, explain(
        did=f"With max_size={size}, I called {', '.join(spelled(step) for step in steps)}; {RUN_IS_THE_ANSWER}.",
        saw=f"I got {seen['answers']}; I expected {wanted}, since price(2) was used the longest ago "
        "when price(99) came in.",
        why="The answer that is read all day has to stay, however early it was made; and without a limit "
        "memory grows until the next deployment.",
        look="What a hit does to the order of your entries, and which end you take away, and how many.",
    )


@pytest.mark.task("bounded")
def test_an_answer_made_again_is_used_last(candidate):
    """An answer that expired and was made anew counts as just used."""
    steps = [call(1), 30, call(2), 35, call(1), call(3), call(1)]

    seen = candidate.probe("ask", steps=steps, seconds=60, max_size=2)

    assert seen["answers"] == [1, 2, 3, 4, 3], explain(
        did="With ttl_cache(60, max_size=2), I called price(1), price(2) after 30 s, and 35 s later price(1), "
        f"price(3), price(1); {RUN_IS_THE_ANSWER}.",
        saw=f"I got {seen['answers']}; I expected [1, 2, 3, 4, 3], since price(1) was made anew before price(3).",
        why="The answer that has just cost a request is thrown away first.",
        look="Storing under a key that is there already keeps the old place in a dictionary.",
    )


@pytest.mark.task("bounded")
def test_keeps_as_many_as_allowed(candidate):
    """Without a setting there is room for 128 answers, and for no more."""
    fill = [call(number) for number in range(128)]

    full = candidate.probe("ask", steps=fill + fill, seconds=60)
    over = candidate.probe("ask", steps=[*fill, call(128), call(0)], seconds=60)

    assert (full["runs"], over["runs"]) == (128, 130), explain(
        did="I asked 128 questions twice over; and in another run 129 questions, then the first one again.",
        saw=f"The function ran {full['runs']} and {over['runs']} times; I expected 128 and 130.",
        why="A cache without a limit is a memory leak with a good name; one that is too small is none at all.",
        look="The default of max_size, and the condition under which you let an entry go.",
    )


@pytest.mark.task("instances")
def test_every_instance_has_answers_of_its_own(candidate, rng):
    """A cached method answers for the instance on which it was called, and runs once for each."""
    cities = rng.sample(["Oslo", "Lyon", "Gent", "Porto", "Turin"], 3)

    seen = candidate.probe("ask_desks", cities=cities, nights=[1])

    assert (seen["answers"], seen["runs"]) == ([[[f"{city}, night 1"] for city in cities]] * 2, [1, 1, 1]), explain(
        did=f"I asked desks in {', '.join(cities)} for desk.price(1), twice over.",
        saw=f"They said {seen['answers']}, and ran {seen['runs']} times.",
        why="A guest who looks at Oslo must not be shown what was worked out for Lyon.",
        look="What `self` is to your cache, and whether what you return becomes a method at all.",
    )


@pytest.mark.task("instances")
def test_the_cache_keeps_no_instance_alive(candidate, rng):
    """When nobody else holds an instance, it is gone."""
    count = rng.randint(20, 60)

    seen = candidate.probe("let_desks_go", count=count)

    assert seen["alive"] == 0, explain(
        did=f"I made {count} desks, asked each for one price, and forgot them all.",
        saw=f"{seen['alive']} of them are still in memory: your cache holds them.",
        why="One desk for each request, each with its database connection: memory and connections run out.",
        look="Every place where your cache keeps `self`: in a key, in a stored method, in a closure.",
    )


@pytest.mark.task("instances")
def test_every_instance_has_room_of_its_own(candidate):
    """A busy instance does not push out the answers of a quiet one."""
    seen = candidate.probe("ask_desks", cities=["Oslo", "Lyon"], nights=[1, 2, 3], max_size=3)

    assert seen["runs"] == [3, 3], explain(
        did="With max_size=3, I asked two desks for three nights each, twice over.",
        saw=f"They ran {seen['runs']} times; I expected [3, 3].",
        why="One desk with much to do would keep all others from ever finding an answer.",
        look="Whose entries you count before you let one go.",
    )


@pytest.mark.task("instances")
def test_the_class_still_shows_its_method(candidate):
    """On the class, the method has its name and its docstring."""
    seen = candidate.probe("face")

    assert seen == {"name": "price", "doc": "Price a night in the city of this desk."}, explain(
        did="I read Desk.price.__name__ and Desk.price.__doc__ on the class, where there is no instance.",
        saw=f"They were {seen['name']!r} and {seen['doc']!r}.",
        why="Documentation, debuggers and mocks look at the class.",
        look="functools.update_wrapper, and what your __get__ returns when the instance is None.",
    )


def spelled(question):
    args, kwargs = question
    return f"price({', '.join([*map(repr, args), *(f'{name}={value!r}' for name, value in kwargs.items())])})"
