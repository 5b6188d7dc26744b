"""Guests are answered together, and the loop's heart goes on beating."""

from itertools import pairwise

import pytest

from prodev.testbed import explain

MOST_GAP_MS = 60
MOST_THREADS = 40
MANY = 1_000_000


class Partner:
    """The partner's server, forecasts and log, on this side.

    It counts how many are in a call at once, and the beats of the loop's heart during each call.
    """

    def __init__(self, prices, a_percent):
        self.prices = prices
        self.a_percent = a_percent
        self.compute_s = 0.0
        self.broken = None
        self.waits = {}
        self.now = self.most = self.asked = 0
        self.notes = []
        self.beats = []
        self._begun = {}
        self.fewest_beats = {"price": MANY, "forecast": MANY}

    def arrive(self, listing_id):
        self.asked += 1
        self.now += 1
        self.most = max(self.most, self.now)
        self._begun["price", listing_id] = len(self.beats)
        return self.waits.get(listing_id, 0)

    def leave(self, listing_id):
        self.now -= 1
        self._count_beats("price", listing_id)
        if listing_id == self.broken:
            raise ConnectionError(f"listing {listing_id} is not there")
        return self.prices[listing_id]

    def think(self, price):
        self._begun["forecast", price] = len(self.beats)
        return self.compute_s

    def conclude(self, price):
        self._count_beats("forecast", price)
        return self.forecast(price)

    def forecast(self, price):
        return price * self.a_percent // 100

    def log(self, quote):
        self.notes.append(quote)

    def beat(self, now):
        self.beats.append(float(now))

    def _count_beats(self, what, key):
        during = len(self.beats) - self._begun.pop((what, key), 0)
        self.fewest_beats[what] = min(self.fewest_beats[what], during)

    def is_alive(self, what):
        """Whether the loop's heart went on beating, and beat during each call."""
        return self.gap_ms() < MOST_GAP_MS and 0 < self.fewest_beats[what] < MANY

    def gap_ms(self):
        """The longest time without a beat, which is told to us beat by beat."""
        return max((round((after - before) * 1000) for before, after in pairwise(self.beats)), default=MANY)

    def quotes(self):
        return [[each, price, self.forecast(price)] for each, price in self.prices.items()]


@pytest.fixture
def partner(rng):
    return Partner(drawn(rng, 10), rng.randint(60, 140))


def drawn(rng, count):
    prices = rng.sample(range(4_000, 90_000), count)
    return dict(zip(rng.sample(range(1, 1000), count), prices, strict=True))


def serve(candidate, partner, wait_s=None, compute_s=0.0, together=False):
    if wait_s is not None:
        partner.waits = dict.fromkeys(partner.prices, wait_s)
    partner.compute_s = compute_s
    return candidate.probe(
        "serve",
        listing_ids=list(partner.prices),
        arrive=partner.arrive,
        leave=partner.leave,
        log=partner.log,
        beat=partner.beat,
        think=partner.think,
        conclude=partner.conclude,
        together=together,
    )


@pytest.mark.task("answers")
@pytest.mark.parametrize("together", [True, False], ids=["handle_all", "handle"])
def test_answers_as_before(candidate, partner, together):
    """Every guest gets the right quote, in order."""
    partner.waits = {each: (10 - place) / 50 for place, each in enumerate(partner.prices)}

    seen = serve(candidate, partner, together=together)

    assert seen["quotes"] == partner.quotes(), explain(
        did=f"I asked for the listings {list(partner.prices)}; the first price takes longest, the last one is quick.",
        saw=f"You answered {len(seen['quotes'])} quotes; {difference(seen['quotes'], partner.quotes())}.",
        why="A quicker answer is worth nothing when it is another one, or another guest's.",
        look="The order in which your results come back, and what goes into a Quote.",
    )


@pytest.mark.task("answers")
def test_an_error_reaches_its_guest(candidate, partner):
    """A partner's error leaves `handle`, and the other guests are served."""
    partner.broken = list(partner.prices)[3]

    seen = serve(candidate, partner)

    expected = partner.quotes()
    expected[3] = f"ConnectionError: listing {partner.broken} is not there"
    assert seen["quotes"] == expected, explain(
        did=f"I asked for ten listings at once; the partner failed for {partner.broken} with ConnectionError.",
        saw=f"The ten calls of handle gave {seen['quotes']}.",
        why="The guest whose price is missing has to hear that, and only that guest.",
        look="What catches exceptions between the partner's call and the return of `handle`.",
    )


@pytest.mark.task("waits")
def test_the_heart_beats_while_the_partner_is_waited_for(candidate, partner, rng):
    """While ten prices are on their way, the loop goes on turning."""
    wait_s = rng.choice([0.15, 0.2, 0.25])

    serve(candidate, partner, wait_s=wait_s)

    assert partner.is_alive("price"), explain(
        did=f"I ran 10 handlers at once, with a heartbeat every 10 ms; a price took {wait_s} s.",
        saw=f"Between two beats, {partner.gap_ms()} ms went by; I allow less than {MOST_GAP_MS}.",
        why="For that long nobody was served: no other guest, no health check, no timeout.",
        look="The thread on which `fetch_price` runs. `async def` round a blocking call does not move it elsewhere, "
        "and to wait for a future with .result() blocks as well.",
    )


@pytest.mark.task("computes")
def test_the_heart_beats_while_a_forecast_is_computed(candidate, partner, rng):
    """While ten forecasts are computed, the loop goes on turning."""
    compute_s = rng.choice([0.08, 0.1, 0.12])

    serve(candidate, partner, compute_s=compute_s)

    assert partner.is_alive("forecast"), explain(
        did=f"I ran 10 handlers at once, with a heartbeat every 10 ms; a forecast took {compute_s} s of computing.",
        saw=f"The heart stood still for {partner.gap_ms()} ms; I allow less than {MOST_GAP_MS}.",
        why="A coroutine that computes hands nothing over: there is no await in it where another could run.",
        look="The thread on which `forecast` runs, and its place before or after the await.",
    )


@pytest.mark.task("overlaps")
def test_ten_guests_take_as_long_as_one(candidate, partner):
    """Ten prices of 0.2 s are there in less than 0.5 s."""
    seen = serve(candidate, partner, wait_s=0.2, compute_s=0.001, together=True)

    assert seen["took_s"] < 0.5 and partner.asked == 10 and partner.most > 3, explain(
        did="I called handle_all with 10 listings; a price takes 0.2 s.",
        saw=f"It took {seen['took_s']} s, and no more than {partner.most} of your {partner.asked} questions "
        f"were with the partner at once. {sum_of(seen['took_s'])}",
        why="The partner can answer many at once; a guest who stands in line waits for all those in front.",
        look="Where handle_all awaits: inside of the loop over the listings, or after all of them have begun.",
    )


@pytest.mark.task("notes")
@pytest.mark.parametrize("together", [True, False], ids=["handle_all", "handle"])
def test_every_quote_is_noted(candidate, partner, together):
    """Each quote is in the log when its guest has the answer."""
    seen = serve(candidate, partner, together=together)

    assert (sorted(partner.notes), seen["never_awaited"]) == (sorted(partner.quotes()), []), explain(
        did="I served 10 guests and then read the log.",
        saw=f"{len(partner.notes)} of 10 quotes were noted. {warned(seen)}",
        why="Who disputes a price is shown the log, and what has not been awaited has not been done.",
        look="The call of partner.note: it makes a coroutine, and only an await runs it to its end.",
    )


@pytest.mark.task("notes")
def test_no_note_without_an_answer(candidate, partner):
    """A quote that could not be made is not noted."""
    partner.broken = list(partner.prices)[3]
    expected = [quote for quote in partner.quotes() if quote[0] != partner.broken]

    serve(candidate, partner)

    assert sorted(partner.notes) == sorted(expected), explain(
        did=f"I asked for ten listings; the partner failed for {partner.broken}.",
        saw=f"The log has {len(partner.notes)} notes, {partner.notes}; I expected the 9 quotes that were made.",
        why="A note of a quote that nobody got is a price that we never offered.",
        look="What partner.note is given, and when.",
    )


@pytest.mark.task("few-threads")
def test_many_guests_few_threads(candidate, rng):
    """Sixty guests share 40 threads at most, and all are answered."""
    partner = Partner(drawn(rng, 60), rng.randint(60, 140))

    seen = serve(candidate, partner, wait_s=0.2)

    assert seen["quotes"] == partner.quotes() and partner.most <= MOST_THREADS and partner.gap_ms() < MOST_GAP_MS, (
        explain(
            did="I ran 60 handlers at once.",
            saw=f"{answered(seen, partner)} of 60 were answered; {partner.most} of your threads "
            f"asked the partner at the same time, {MOST_THREADS} are allowed, "
            f"and the longest heartbeat gap was {partner.gap_ms()} ms.",
            why="A thread costs memory and a connection each; a busy Saturday must not decide how many there are.",
            look="Where your pool is made: once for all guests, or once for each of them.",
        )
    )


def answered(seen, partner):
    return sum(got == wanted for got, wanted in zip(seen["quotes"], partner.quotes(), strict=True))


def difference(got, wanted):
    """What is wrong with the quotes: their order, or the first that is another one."""
    if sorted(got, key=repr) == sorted(wanted, key=repr):
        return f"they are right and stand in another order, {[each[0] for each in got]}"
    pairs = zip(got, wanted, strict=False)
    wrong = [f"one is {each}, and I expected {right}" for each, right in pairs if each != right]
    return wrong[0] if wrong else f"I expected {len(wanted)}"


def sum_of(took_s):
    return "10 x 0.2 s = 2.0 s: nothing overlaps." if took_s >= 2 else ""


def warned(seen):
    return f"Python says: {seen['never_awaited'][0]}." if seen["never_awaited"] else ""
