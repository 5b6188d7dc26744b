"""Many pages come from one host, within its limit, and none is lost."""

from collections import Counter

import pytest

from prodev.testbed import explain

LINE_CUT = "the line was cut"


class Host:
    """The partner's host, on this side: answers by path, and what it saw of the requests."""

    def __init__(self):
        self.scripts = {}
        self.seconds = {}
        self.in_flight = self.most = 0
        self.arrivals = []
        self.departures = []

    def serves(self, path, *script, seconds=0.1):
        """Let ``path`` answer what ``script`` says, try by try: a status and a body, or None to cut the line."""
        self.scripts[path] = script
        self.seconds[path] = seconds

    def arrive(self, path, now):
        self.arrivals.append((path, now))
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        return self.seconds[path]

    def leave(self, path, now):
        self.in_flight -= 1
        self.departures.append((path, now))
        script = self.scripts[path]
        answer = script[min(self.tries(path), len(script)) - 1]
        if answer is None:
            raise ConnectionError(LINE_CUT)
        return list(answer)

    def hang_up(self, path):
        self.in_flight -= 1

    def tries(self, path):
        return Counter(path for path, _ in self.arrivals)[path]

    def pauses(self, path):
        """Seconds between the end of a request for ``path`` and the next one."""
        ends = [when for each, when in self.departures if each == path]
        begins = [when for each, when in self.arrivals if each == path]
        return [round(begin - end, 3) for end, begin in zip(ends, begins[1:], strict=False)]

    def fetch(self, candidate, **settings):
        return candidate.probe(
            "fetch", paths=list(self.scripts), arrive=self.arrive, leave=self.leave, hang_up=self.hang_up, **settings
        )


@pytest.fixture
def host():
    return Host()


def days(rng, count):
    """Paths of different days, and the text of each page."""
    picked = rng.sample([f"/free/2026-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)], count)
    return {path: f"{rng.randrange(100, 1000)} rooms" for path in picked}


@pytest.mark.task("in-order")
def test_pages_come_in_the_order_of_their_paths(candidate, host, rng):
    """Every path has its page, at its place, whoever answered first."""
    pages = days(rng, 12)
    for number, (path, body) in enumerate(pages.items()):
        host.serves(path, (200, body), seconds=(12 - number) / 20)

    seen = host.fetch(candidate, limit=5)

    expected = [[path, body, 1, None] for path, body in pages.items()]
    assert (seen["error"], seen["pages"]) == (None, expected), explain(
        did="I asked for 12 pages; the first takes longest, the last is the quickest.",
        saw=f"{raised(seen)}You returned {len(seen['pages'])} pages{misplaced(seen, expected)}.",
        why="The caller reads the first page as the first day: a page at another's place sells rooms that are taken.",
        look="What decides the order of your list, and the four fields of Page.",
    )


@pytest.mark.task("in-order")
def test_no_path_no_page(candidate, host):
    """Nothing to fetch is an empty list."""
    seen = host.fetch(candidate, limit=5)

    assert (seen["error"], seen["pages"]) == (None, []), explain(
        did="I asked for no page at all.",
        saw=f"{raised(seen)}You returned {seen['pages']}.",
        why="A host that has closed for the season has no pages, and that is no error.",
        look="What your code does before the first page.",
    )


@pytest.mark.task("limit")
@pytest.mark.parametrize("limit", [5, 1, "drawn"])
def test_keeps_the_limit(candidate, host, rng, limit):
    """The host never sees more requests at once than the limit."""
    limit = rng.randint(6, 12) if limit == "drawn" else limit
    for path, body in days(rng, 47).items():
        host.serves(path, (200, body), seconds=rng.choice([0.05, 0.1, 0.2]))

    seen = host.fetch(candidate, limit=limit)

    assert (host.most <= limit, host.in_flight, seen["error"]) == (True, 0, None), explain(
        did=f"I asked for 47 pages with limit={limit}, and counted at the host.",
        saw=f"{raised(seen)}{host.most} in flight, limit {limit}{banned(host, limit)}.",
        why="The limit is what the host can bear; beyond it, nobody gets an answer, and we get none for a day.",
        look="What all requests have to pass: one semaphore for all of them, made once. "
        "A semaphore for each page, 47 semaphores of their own, are no limit.",
    )


@pytest.mark.task("limit")
def test_five_unless_told_otherwise(candidate, host, rng):
    """Without a setting, five requests are in flight at most."""
    for path, body in days(rng, 20).items():
        host.serves(path, (200, body))

    host.fetch(candidate)

    assert host.most <= 5, explain(
        did="I asked for 20 pages, and set nothing.",
        saw=f"{host.most} in flight; the default of limit is 5.",
        why="Callers rely on the defaults that they read in your signature.",
        look="The signature of fetch_all: keep its names and defaults as the starter has them.",
    )


@pytest.mark.task("limit")
def test_second_tries_count(candidate, host, rng):
    """Requests that are tried again keep within the limit, too."""
    for path, body in days(rng, 20).items():
        host.serves(path, (503, ""), (200, body), seconds=rng.choice([0.1, 0.2, 0.3]))

    host.fetch(candidate, limit=4, pause_s=0.05)

    assert host.most <= 4, explain(
        did="I asked for 20 pages with limit=4; each of them answered 503 at first, then 200.",
        saw=f"{host.most} in flight, limit 4: your second tries go past the limit.",
        why="A host that answers 503 is tired already: extra requests are what it needs least.",
        look="Whether every call of get, the second one too, stands inside of what limits them.",
    )


@pytest.mark.task("no-gaps")
def test_one_slow_page_holds_up_nobody(candidate, host, rng):
    """While one page takes its time, the other places go on."""
    pages = days(rng, 17)
    slow = rng.choice(list(pages)[:5])
    for path, body in pages.items():
        host.serves(path, (200, body), seconds=2 if path == slow else 0.1)

    host.fetch(candidate, limit=5)

    finished = [path for path, _ in host.departures]
    before = finished.index(slow) if slow in finished else 0
    assert host.most >= 5 and before == 16, explain(
        did="I asked for 17 pages with limit=5; one of the first five takes 2 s, every other 0.1 s.",
        saw=f"At most {host.most} of your requests were in flight, "
        f"and {before} of 16 quick pages were there before the slow one.",
        why="Who waits for a whole batch, or for each page, is as slow as the slowest page, every time.",
        look="What the next request waits for: for any place to be free, or for all those before it.",
    )


@pytest.mark.task("survives")
def test_failures_are_counted_as_such(candidate, host, rng):
    """Three failures among twenty pages are three errors, and nothing else is one."""
    pages = days(rng, 20)
    broken = dict(zip(rng.sample(list(pages), 3), [(500, "oops"), (403, "no"), None], strict=True))
    for path, body in pages.items():
        host.serves(path, broken.get(path, (200, body)))

    seen = host.fetch(candidate, limit=5)

    errors = [page[0] for page in seen["pages"] if page[3] is not None and page[1] is None]
    successes = sum(page[3] is None for page in seen["pages"])
    assert (seen["error"], sorted(errors), successes) == (None, sorted(broken), 17), explain(
        did="I asked for 20 pages, of which the host has 17: it answers 500, 403 and a cut line for the others.",
        saw=f"{raised(seen)}You report {successes} successes and {len(errors)} failures: "
        f"{max(0, successes - 17)} of 3 failures reported as success.",
        why="A page without a body that passes for a page is read as 'no rooms', and the house stands empty.",
        look="What becomes of the exceptions that you collect, and of a status of 400 or more.",
    )


@pytest.mark.task("survives")
@pytest.mark.parametrize("answer", [(500, "oops"), (404, ""), None], ids=["500", "404", "cut line"])
def test_one_failure_loses_no_other_page(candidate, host, rng, answer):
    """One page cannot be had; it says so, and the others are there."""
    pages = days(rng, 12)
    broken = rng.choice(list(pages)[:8])
    for path, body in pages.items():
        host.serves(path, answer if path == broken else (200, body))

    seen = host.fetch(candidate, limit=5)

    there = [page[:2] for page in seen["pages"] if page[0] != broken]
    failed = [page[1] is None and says(page, answer) for page in seen["pages"] if page[0] == broken]
    assert (seen["error"], failed, len(there)) == (None, [True], 11), explain(
        did=f"I asked for 12 pages; for {broken} the host {told(answer)} every time.",
        saw=f"{raised(seen)}{len(there)} of 11 other pages came back; the broken one is "
        f"{[page for page in seen['pages'] if page[0] == broken]}.",
        why="One bad day in the calendar must not cost the other days.",
        look="Where you catch the failure: around one page, or around all of them; and what `error` says of it.",
    )


@pytest.mark.task("survives")
@pytest.mark.parametrize("status", [204, 304, 399])
def test_below_400_is_a_page(candidate, host, rng, status):
    """An answer below 400 is a page, even an empty one."""
    (path,) = days(rng, 1)
    host.serves(path, (status, ""))

    seen = host.fetch(candidate)

    assert (seen["error"], seen["pages"]) == (None, [[path, "", 1, None]]), explain(
        did=f"I asked for {path}; the host answered {status}, without a text.",
        saw=f"{raised(seen)}You returned {seen['pages']}.",
        why="A day without rooms is an empty page, and no failure.",
        look="The status from which on you call it an error, and whether '' counts as no body.",
    )


@pytest.mark.task("retries")
@pytest.mark.parametrize("failure", [(500, ""), (503, ""), None], ids=["500", "503", "cut line"])
def test_tries_again_what_may_heal(candidate, host, rng, failure):
    """A page that fails and then heals is there, with the number of its tries."""
    attempts = rng.randint(3, 5)
    pages = days(rng, 3)
    bad, good, sick = pages
    host.serves(bad, failure)
    host.serves(good, *[failure] * (attempts - 1), (200, pages[good]))
    host.serves(sick, failure, (200, pages[sick]))

    seen = host.fetch(candidate, limit=2, attempts=attempts)

    wanted = {bad: (None, attempts), good: (pages[good], attempts), sick: (pages[sick], 2)}
    got = {path: (body, tries) for path, body, tries, _ in seen["pages"]}
    asked = {path: host.tries(path) for path in pages}
    assert (got, asked) == (wanted, {path: tries for path, (_, tries) in wanted.items()}), explain(
        did=f"With attempts={attempts}, the host {told(failure)}: always for {bad}, {attempts - 1} times for {good}, "
        f"once for {sick}; after that it answers 200.",
        saw=f"{raised(seen)}The host counted {asked} requests; your pages say {got}.",
        why="A host that stumbles for a second should cost a second, not a page; and one that is down, no storm.",
        look="The condition that ends your loop: attempts counts all requests, the first one too.",
    )


@pytest.mark.task("retries")
@pytest.mark.parametrize("status", [400, 404, 429, 499])
def test_what_does_not_heal_is_asked_once(candidate, host, rng, status):
    """A page that is not there is asked for once."""
    (path,) = days(rng, 1)
    host.serves(path, (status, ""), (200, "later"))

    seen = host.fetch(candidate)

    assert ([page[1:3] for page in seen["pages"]], host.tries(path)) == ([[None, 1]], 1), explain(
        did=f"I asked for {path}; the host answered {status}.",
        saw=f"{raised(seen)}The host got {host.tries(path)} requests; you returned {seen['pages']}.",
        why="A page that does not exist at the first try does not exist at the third: two requests for nothing.",
        look="The statuses that lead to another try: 500 and more.",
    )


@pytest.mark.task("retries")
def test_leaves_a_pause_between_tries(candidate, host, rng):
    """Before each further try, the pause goes by; and none after the last."""
    pause = rng.choice([0.3, 0.5, 0.7])
    (path,) = days(rng, 1)
    host.serves(path, (503, ""))

    seen = host.fetch(candidate, pause_s=pause)

    pauses = host.pauses(path)
    since_last = round(seen["took_s"] - (host.departures[-1][1] - host.arrivals[0][1]), 3) if host.departures else 0
    assert len(pauses) == 2 and min(pauses) >= pause and since_last < pause, explain(
        did=f"With pause_s={pause}, the host answered 503 three times.",
        saw=f"Your tries came {pauses} s after the answer before; you returned {since_last} s after the last one.",
        why="A host gets well in the pauses; a pause after the last try only keeps the caller.",
        look="Where your code sleeps: between two tries, with asyncio.sleep.",
    )


def banned(host, limit):
    if host.in_flight:
        return f"; {host.in_flight} were still open when you returned"
    return ": the host banned you" if host.most > limit else ""


def raised(seen):
    return f"fetch_all raised {seen['error']}. " if seen["error"] else ""


def told(answer):
    return "cuts the line" if answer is None else f"answers {answer[0]}"


def says(page, answer):
    return (LINE_CUT if answer is None else str(answer[0])) in str(page[3])


def misplaced(seen, expected):
    wrong = [(got, wanted) for got, wanted in zip(seen["pages"], expected, strict=False) if got != wanted]
    return f", {len(wrong)} of them wrong or misplaced; the first is {wrong[0][0]}, not {wrong[0][1]}" if wrong else ""
