"""Whatever runs for a request, and wherever, knows that request's id and no other's."""

import re
import string

import pytest

from prodev.testbed import explain

REQUESTS = 100
ALLOWED = string.ascii_letters + string.digits + "._-"
FIT = re.compile(r"[A-Za-z0-9._-]{1,64}")


@pytest.fixture
def request_id(rng):
    return "".join(rng.choices(ALLOWED, k=rng.randint(6, 12)))


@pytest.fixture
def ids(rng):
    """A hundred ids that say nothing about their order."""
    return [f"{tail:05d}-{number}" for number, tail in enumerate(rng.sample(range(100_000), REQUESTS))]


@pytest.fixture
def rounds(rng):
    """Two orders in which the requests have their turns."""
    return [rng.sample(range(REQUESTS), REQUESTS) for _ in range(2)]


def mixed(pairs, ids, of_each):
    """What is wrong with the lines that the requests logged: in words, or nothing."""
    wrong = [pair for pair in pairs if pair[0] != pair[1]]
    if len(pairs) != of_each * len(ids):
        return f"{len(pairs)} lines were logged; I expected {of_each * len(ids)}."
    if not wrong:
        return ""
    mine, logged = wrong[0]
    whose = "another request's id" if logged in ids else "no request's id"
    lines = sum(1 for pair in wrong if pair[0] == mine)
    return (
        f"{len(wrong)} of {len(pairs)} lines carry the wrong id. Request {mine} logged {logged!r}, {whose}, "
        f"{lines} {'time' if lines == 1 else 'times'}."
    )


@pytest.mark.task("header")
@pytest.mark.parametrize("name", ["X-Request-ID", "x-request-id", "X-Request-Id", "X-REQUEST-ID"])
def test_takes_the_id_from_the_header(candidate, request_id, name):
    """The id that was sent is the request's, however the header's name is written."""
    headers = {"Host": "staybook.example", name: request_id, "X-Request-ID-Old": "no"}

    seen = candidate.probe("take", headers=headers)

    assert (seen["given"], seen["inside"]) == (request_id, request_id), explain(
        did=f"I called follow({headers}).",
        saw=f"It gave {seen['given']!r}, and inside of the block current_request_id() said {seen['inside']!r}.",
        why="The gateway logged the request under its id: only with the same one do the two logs meet. "
        "HTTP/2 sends names in lower case.",
        look="How you look up the header, and what you yield.",
    )


@pytest.mark.task("header")
def test_makes_ids_that_nobody_else_has(candidate):
    """Without the header, each request gets an id of its own, in every process."""
    here = candidate.probe("make", count=300)
    candidate.fresh()
    there = candidate.probe("make", count=300)
    twice = [each for each in [*here, *there] if [*here, *there].count(each) > 1]
    unfit = [each for each in [*here, *there] if not FIT.fullmatch(str(each))]

    assert not twice, explain(
        did="I followed 300 requests without the header in one process, and 300 in another.",
        saw=f"{len(set(twice))} ids were given more than once, such as {twice[0]!r}." if twice else "",
        why="Four workers write one log, and start again every night: a counter begins at 1 in each of them.",
        look="uuid.uuid4, or secrets.token_hex.",
    )
    assert not unfit, explain(
        did="I followed 600 requests without the header.",
        saw=f"One of them is called {unfit[0]!r}." if unfit else "",
        why="The next service takes your id by the same rule, and would make a new one.",
        look="The characters, and the length.",
    )


@pytest.mark.task("header")
def test_records_carry_the_id(candidate, request_id):
    """AddRequestId sets request_id on every record; outside of a request it is a dash."""
    outside = candidate.probe("outside")
    seen = candidate.probe("take", headers={"X-Request-ID": request_id})

    assert outside == [["started", "-"]] and seen["before"] == "-", explain(
        did="Outside of any request, I called current_request_id(), and logged 'started' through AddRequestId.",
        saw=f"It said {seen['before']!r}, and the log holds {outside}.",
        why="A format that asks for request_id fails on a record without one, and a filter that says no loses it.",
        look="What your filter sets, and what it returns.",
    )


UNFIT = {
    "10,000 characters": lambda rng: "".join(rng.choices(ALLOWED, k=10_000)),
    "65 characters": lambda rng: "".join(rng.choices(ALLOWED, k=65)),
    "a line end in it": lambda rng: f"r{rng.randint(1, 99)}\nlevel=INFO paid=yes",
    "a line end after it": lambda rng: f"r{rng.randint(1, 99)}\n",
    "a control character": lambda rng: f"r{rng.randint(1, 99)}\x1b[2J",
    "a letter beyond ASCII": lambda rng: f"r{rng.randint(1, 99)}é",
    "a digit beyond ASCII": lambda rng: f"r{rng.randint(1, 99)}\u0663",
    "a quote": lambda rng: f'r{rng.randint(1, 99)}"}}',
    "a space": lambda rng: f"r {rng.randint(1, 99)}",
    "nothing in it": lambda rng: "",
}


@pytest.mark.task("untrusted")
@pytest.mark.parametrize("what", UNFIT)
def test_makes_a_new_id_instead_of_an_unfit_one(candidate, rng, what):
    """An id that is too long, or has other characters, is replaced by a new one."""
    sent = UNFIT[what](rng)

    seen = [candidate.probe("take", headers={"X-Request-ID": sent})["inside"] for _ in range(2)]

    told = f"{seen[0]!r}" if len(str(seen[0])) < 100 else f"an id of {len(seen[0]):,} characters"
    assert all(FIT.fullmatch(str(each)) for each in seen), explain(
        did=f"I sent an X-Request-ID with {what}: {sent[:60]!r}.",
        saw=f"Every line of this request would carry {told}.",
        why="Whoever can write into your log can fill it, end a line and forge the next, or clear the terminal of the "
        "person who reads it.",
        look="A rule that says what is allowed, for the whole value: fullmatch, since $ also matches before a last "
        "line end, and [A-Za-z0-9], since \\w and isalnum know 140,000 letters.",
    )
    assert seen[0] != seen[1] and not any(sent[:20] and str(each).startswith(sent[:20]) for each in seen), explain(
        did=f"I sent an X-Request-ID with {what} twice, in two requests.",
        saw=f"They were called {seen[0]!r} and {seen[1]!r}.",
        why="A piece of an unfit id is still what a stranger chose, and two long ids that begin alike become one.",
        look="Make a new id, instead of mending what came.",
    )


@pytest.mark.task("untrusted")
@pytest.mark.parametrize("length", [1, 64])
def test_takes_every_id_that_is_fit(candidate, rng, length):
    """Every allowed character, and every allowed length, is taken as it is."""
    signs = rng.sample(ALLOWED, len(ALLOWED))[:length]
    signs = "".join(signs) if length == 1 else "".join([*"._-", *signs])[:length]

    seen = candidate.probe("take", headers={"X-Request-ID": signs})

    assert seen["inside"] == signs, explain(
        did=f"I sent the X-Request-ID {signs!r}, of {length} allowed characters.",
        saw=f"The request was called {seen['inside']!r}.",
        why="An id that is replaced without need cuts the thread that leads through all services.",
        look="The characters of your rule, and its bounds.",
    )


@pytest.mark.task("apart")
def test_a_hundred_coroutines_keep_their_ids(candidate, ids, rounds):
    """Requests that take turns in one thread log their own ids."""
    pairs = candidate.probe("coroutines", ids=ids, rounds=rounds)
    wrong = mixed(pairs, ids, of_each=1 + len(rounds))

    assert not wrong, explain(
        did=f"I ran {REQUESTS} requests as coroutines of one loop. Each logged when it began, and twice more, "
        "in an order that I shuffled.",
        saw=wrong,
        why="Two tasks share a thread, and all tasks share the module: whoever set the id last, set it for everybody.",
        look="contextvars.ContextVar, of which each task has its own.",
    )


@pytest.mark.task("apart")
def test_a_hundred_threads_keep_their_ids(candidate, ids, rounds):
    """Requests that take turns in threads log their own ids."""
    ids, rounds = ids[:40], [[number for number in order if number < 40] for order in rounds]

    pairs = candidate.probe("threads", ids=ids, rounds=rounds)
    wrong = mixed(pairs, ids, of_each=1 + len(rounds))

    assert not wrong, explain(
        did=f"I ran {len(ids)} requests in {len(ids)} threads. Each logged when it began, and twice more, "
        "in an order that I shuffled.",
        saw=wrong,
        why="A WSGI server runs each request in a thread, and all of them share the module.",
        look="Where the id stands: a name of the module is one for all threads.",
    )


HOWS = {
    "task": "began a task that logs, and waited for it",
    "task that outlives it": "began a task that logs, and ended before it",
    "to_thread": "logged in asyncio.to_thread",
}


@pytest.mark.task("inherited")
@pytest.mark.parametrize("how", HOWS)
def test_what_a_request_begins_works_for_it(candidate, ids, how):
    """Tasks and threads that a request began log its id."""
    pairs = candidate.probe("began_by_requests", ids=ids, how=how)
    wrong = mixed(pairs, ids, of_each=1)

    assert not wrong, explain(
        did=f"{REQUESTS} requests, all at once, each {HOWS[how]}.",
        saw=wrong,
        why="The mail that was never sent and the query that took a minute ran in a task or in a thread: "
        "these are the lines that somebody will look for.",
        look="What a new task, and to_thread, take over from where they were begun: a copy of the context, "
        "and nothing that hangs on the task or on the thread.",
    )


@pytest.mark.task("pool")
def test_submit_carries_the_id(candidate, ids, rng):
    """A function in a pool's thread works for the request that submitted it."""
    seen = candidate.probe("through_a_pool", ids=ids, workers=rng.randint(2, 4))
    wrong = mixed(seen["pairs"], ids, of_each=2)

    assert seen["values"] == [request_id + suffix for request_id in ids for suffix in ("/a", "/b")], explain(
        did="I submitted work(request_id, suffix='/a'), which returns the two together, and asked the futures.",
        saw=f"The first futures say {seen['values'][:3]}.",
        why="submit stands where pool.submit stood: its callers need the arguments passed on and the result.",
        look="What you pass to pool.submit, and what you return. A context can be entered by one thread at a time: "
        "each function needs a copy of its own.",
    )
    assert not wrong, explain(
        did=f"{REQUESTS} requests each submitted two functions that log, to a pool of a few threads.",
        saw=wrong,
        why="The threads of a pool were there before the request, and serve every other one in between.",
        look="contextvars.copy_context(), taken in submit, and its method run.",
    )


@pytest.mark.task("pool")
def test_a_pool_keeps_nothing(candidate, ids):
    """What a thread of the pool runs next knows nothing of the request before."""
    left = candidate.probe("through_a_pool", ids=ids[:8], workers=2)["left"]
    failed = candidate.probe("fails_in_the_pool", request_id=ids[0])
    kept = [each for each in [*left, failed["left"]] if each != "-"]

    assert not kept, explain(
        did="When all requests were over, I asked the threads of the pool for current_request_id().",
        saw=f"{len(kept)} of {len(left) + 1} answers were ids, such as {kept[0]!r}." if kept else "",
        why="A nightly job in that thread would be logged as the work of a guest who left hours ago.",
        look="What you set in the thread, and who undoes it when the function ends, or raises.",
    )
    assert failed["error"] == f"Failure: {ids[0]}", explain(
        did=f"In the request {ids[0]}, I submitted a function that raises Failure(current_request_id()).",
        saw=f"Its future says {failed['error']!r}.",
        why="Whoever waits for the future has to learn what went wrong.",
        look="What you do with an error of the function: leave it alone.",
    )


@pytest.mark.task("pool")
def test_one_request_may_submit_twice_at_once(candidate, request_id):
    """Two functions of one request run at the same time."""
    seen = candidate.probe("twice_at_once", request_id=request_id)

    assert seen == [request_id, request_id], explain(
        did=f"In the request {request_id}, I submitted two functions, each of which waits for the other to begin.",
        saw=f"They ended with {seen[0]!r} and {seen[1]!r}.",
        why="A request that asks three services at once is what a pool is for, and a context can be entered once.",
        look="When you call copy_context(): each function needs a copy of its own.",
    )


@pytest.mark.task("ends")
@pytest.mark.parametrize("raises", [False, True], ids=["returns", "raises"])
def test_gives_back_the_id_before(candidate, ids, raises):
    """After a block, the id is what it was before it, and errors go on."""
    outer, inner = ids[:2]
    wanted = ["-", outer, inner, outer, "-"]

    seen = candidate.probe("nested", outer=outer, inner=inner, raises=raises)

    assert seen["seen"] == wanted, explain(
        did=f"I followed {inner} within {outer}{', and both blocks raised' if raises else ''}, and asked for the id "
        "before, in the outer, in the inner, in the outer again, and after.",
        saw=f"It was {', '.join(map(repr, seen['seen']))}; I expected {', '.join(map(repr, wanted))}.",
        why="What comes next in this thread is logged under a request that is over. "
        "And a request within a request happens: a batch endpoint calls others, a test calls a client.",
        look="The token that ContextVar.set returns, and a finally.",
    )
    assert seen["caught"] == ([inner, outer] if raises else []), explain(
        did=f"Both blocks {'raised an error' if raises else 'ended without an error'}.",
        saw=f"Their callers caught {seen['caught']}.",
        why="An error that ends with the block is a failed request that looks like one that worked.",
        look="What stands around your yield.",
    )
