"""Changes are applied at the database's pace, and a stop loses none."""

import pytest

from prodev.testbed import explain

BROKEN = "the row is locked"


class Partner:
    """The feed and the database, on this side: what was read, begun and applied, in order."""

    def __init__(self, rng, count, *, takes_s=0.1, every_s=0.0, silent_after=None):
        self._coming = [f"listing {number}" for number in rng.sample(range(1, 10_000), count)]
        self._silent_after = silent_after
        self.takes_s = takes_s
        self.every_s = every_s
        self.broken = set()
        self.read, self.begun, self.applied = [], [], []
        self.applied_in_time = None
        self.most_ahead = self.most_at_once = self.failed = 0
        self.times = {}

    def wait(self):
        silent = self._silent_after is not None and len(self.read) >= self._silent_after
        return 3600 if silent else self.every_s

    def take(self):
        if not self._coming:
            return None
        self.read.append(self._coming.pop(0))
        self.most_ahead = max(self.most_ahead, len(self.read) - len(self.applied))
        return self.read[-1]

    def begin(self, change):
        self.begun.append(change)
        self.most_at_once = max(self.most_at_once, len(self.begun) - len(self.applied) - self.failed)
        if change in self.broken:
            self.failed += 1
            raise ConnectionError(f"{change}: {BROKEN}")
        return self.takes_s

    def end(self, change):
        self.applied.append(change)

    def tell(self, what, now):
        self.times[what] = now
        if what == "ended":
            self.applied_in_time = len(self.applied)

    def took(self, since):
        return round(self.times["ended"] - self.times[since], 3)

    def work(self, candidate, **settings):
        return candidate.probe(
            "work", wait=self.wait, take=self.take, begin=self.begin, end=self.end, tell=self.tell, **settings
        )


@pytest.mark.task("applies")
@pytest.mark.parametrize("workers", [2, 1, "drawn"])
def test_applies_every_change_once(candidate, rng, workers):
    """Each change of the feed is applied, once, by as many tasks as there are workers."""
    workers = rng.randint(3, 6) if workers == "drawn" else workers
    partner = Partner(rng, 40, takes_s=0.1)

    seen = partner.work(candidate, workers=workers, ahead=5)

    assert (sorted(partner.applied), partner.most_at_once) == (sorted(partner.read), workers) and len(
        partner.read
    ) == 40, explain(
        did=f"I ran your worker on a feed of 40 changes with workers={workers}; to apply one takes 0.1 s.",
        saw=f"{raised(seen)}You read {len(partner.read)} and began {len(partner.begun)}; {counted(partner)} "
        f"At most {partner.most_at_once} were being applied at once.",
        why="A change that is not applied shows a taken room as free; one that is applied twice frees a room again.",
        look="The tasks that take from the queue: how many there are, and what ends them before their work is done "
        "(task_done says 'this one is finished').",
    )


@pytest.mark.task("keeps-pace")
@pytest.mark.parametrize("setting", ["default", "drawn"])
def test_a_slow_database_slows_the_reader(candidate, rng, setting):
    """The reader is ahead by the queue and the workers' hands, and waits."""
    workers, ahead = (2, 10) if setting == "default" else (rng.randint(1, 4), rng.randint(1, 20))
    partner = Partner(rng, 300, takes_s=0.1)

    seen = partner.work(candidate, **({} if setting == "default" else {"workers": workers, "ahead": ahead}))

    held = ahead + workers
    assert held <= partner.most_ahead <= held + 1, explain(
        did=f"I ran your worker on 300 changes that are there at once, with workers={workers} and ahead={ahead}.",
        saw=f"{raised(seen)}Producer is {partner.most_ahead} items ahead of what is applied; "
        f"{ahead} may wait, {workers} are being applied, and one may be in the reader's hand.",
        why="What is read and not written is in memory only: that is not back-pressure, and a busy morning has no end. "
        "A reader who never reads ahead leaves the workers idle when the feed stumbles.",
        look="The bound of your queue, and whether the reader waits (`await queue.put`) when it is full.",
    )


@pytest.mark.task("ends")
@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("count", [25, 0], ids=["25 changes", "no change"])
def test_returns_when_the_feed_has_ended(candidate, rng, workers, count):
    """After the last change, the worker returns, and all of its tasks have ended."""
    partner = Partner(rng, count, takes_s=0.1)

    seen = partner.work(candidate, workers=workers)

    assert (seen["returned"], seen["tasks_left"], seen["is_handled"]) == (True, [], False), explain(
        did=f"I ran your worker with workers={workers} on a feed that ended after {count} changes.",
        saw=f"{raised(seen)}{len(partner.applied)} of {count} changes were applied, and "
        f"{'your worker returned' if seen['returned'] else 'after 100 s your worker had not returned'}; "
        f"{waiting(seen['tasks_left'])}{kept(seen)}.",
        why="A worker that never ends has to be killed, and nobody knows whether it was done.",
        look="What ends each consumer: a sentinel ends the one that takes it, and join ends none. "
        "And what takes back your handler.",
    )


@pytest.mark.task("drains")
@pytest.mark.parametrize("workers", [2, 3])
def test_finishes_what_was_read(candidate, rng, workers):
    """After SIGTERM, what was read is applied, and the worker returns at once."""
    partner = Partner(rng, 300, takes_s=0.1)
    stop_after = rng.choice([0.55, 1.25, 2.35])

    seen = partner.work(candidate, workers=workers, ahead=8, stop_after=stop_after)

    undone = len(partner.read) - len(partner.applied)
    quick = seen["returned"] and partner.took("stopped") < 0.9
    assert not seen["unheard"] and quick and undone <= 1 and len(partner.read) < 100, explain(
        did=f"I sent SIGTERM after {stop_after} s, with workers={workers}, ahead=8 and a grace of 1 s; "
        "to apply a change takes 0.1 s.",
        saw=f"{unheard(seen)}{raised(seen)}Stopped with {undone} bookings undone, "
        f"of {len(partner.read)} that were read, {since_stop(partner, seen)}.",
        why="What is read and not applied is missing until somebody notices; a second is enough for all of it.",
        look="What happens at the signal to the reader, to the queue and to the workers: only the first one stops.",
    )


@pytest.mark.task("drains")
@pytest.mark.parametrize("read", [0, 3], ids=["before the first", "after three"])
def test_a_silent_feed_does_not_hold_it_up(candidate, rng, read):
    """The signal comes while the feed is silent for an hour: the worker returns at once."""
    partner = Partner(rng, 10, takes_s=0.1, silent_after=read)

    seen = partner.work(candidate, stop_after=5.0)

    assert seen["returned"] and partner.took("stopped") <= 0.1 and len(partner.applied) == read, explain(
        did=f"After {read} changes the feed is silent for an hour. I sent SIGTERM after 5 s.",
        saw=f"{unheard(seen)}{raised(seen)}{len(partner.applied)} of {read} changes were applied; "
        f"your worker ended {since_stop(partner, seen)}.",
        why="Nights are quiet, and deployments are at night.",
        look="What your reader waits for at the signal: a flag that it reads after the next change is too late.",
    )


@pytest.mark.task("drains")
def test_the_grace_ends(candidate, rng):
    """When the database is slow, the worker returns when the grace is over."""
    grace_s = rng.choice([1.0, 0.5, 2.0])
    partner = Partner(rng, 300, takes_s=0.7)

    seen = partner.work(candidate, workers=2, ahead=10, grace_s=grace_s, stop_after=1.0)

    on_time = seen["returned"] and partner.took("stopped") <= grace_s
    rest = len(partner.applied) - (partner.applied_in_time or 0)
    assert on_time and rest == 0 and not seen["tasks_left"], explain(
        did=f"I sent SIGTERM after 1 s; to apply a change takes 0.7 s, and grace_s={grace_s}.",
        saw=f"{unheard(seen)}{raised(seen)}Your worker ended {since_stop(partner, seen)}; after that, "
        f"{rest} more changes were applied, and {len(seen['tasks_left'])} of your tasks were left.",
        why="When the grace is over the platform kills the process, in the middle of whatever it is doing.",
        look="How long you wait for the queue after the signal, and what you cancel then.",
    )


@pytest.mark.task("drains")
def test_the_grace_counts_after_the_feeds_end_too(candidate, rng):
    """The signal comes when all has been read and much is waiting: the grace holds."""
    partner = Partner(rng, 10, takes_s=3.0)

    seen = partner.work(candidate, workers=2, ahead=10, stop_after=1.0)

    assert seen["returned"] and partner.took("stopped") <= 1.0, explain(
        did="The feed ended at once, after 10 changes; to apply one takes 3 s. I sent SIGTERM after 1 s.",
        saw=f"{unheard(seen)}{raised(seen)}Your worker ended {since_stop(partner, seen)}; the grace is 1 s.",
        why="The platform does not ask how far the feed is before it kills.",
        look="What your code waits for once the reader has ended, and whether the signal ends that wait.",
    )


@pytest.mark.task("accounts")
@pytest.mark.parametrize("grace_s", [1.0, 0.25, 0.0])
def test_a_stop_loses_nothing(candidate, rng, grace_s):
    """Stopped at any moment, every change that was read is either applied or left."""
    for _ in range(4):
        stop_after = round(rng.uniform(0.05, 3), 2) + 0.007
        partner = Partner(rng, 300, takes_s=0.2, every_s=rng.choice([0.0, 0.03]))

        seen = partner.work(candidate, workers=2, ahead=6, grace_s=grace_s, stop_after=stop_after)

        candidate.fresh()
        assert balances(partner, seen), explain(
            did=f"I sent SIGTERM after {stop_after} s, with grace_s={grace_s}; to apply a change takes 0.2 s.",
            saw=f"{unheard(seen)}{raised(seen)}{account(partner, seen)}",
            why="Nobody sends a change again of which nobody says that it is missing.",
            look="Every place where a change can be when it is cancelled: the reader's hand, while it waits to put it; "
            "the queue; the workers' hands.",
        )


@pytest.mark.task("accounts")
@pytest.mark.parametrize("grace_s", [1.0, 0.0])
@pytest.mark.parametrize("just", ["before", "when"])
def test_a_stop_at_the_moment_of_arrival_loses_nothing(candidate, rng, just, grace_s):
    """The signal comes when a change is just being read; that change counts as well."""
    for number in (1, rng.randint(2, 5), 6):
        partner = Partner(rng, 300, takes_s=0.2, every_s=0.03)
        moment = {"stop_at": number} if just == "when" else {"stop_after": round(0.03 * number, 2)}

        seen = partner.work(candidate, workers=2, ahead=6, grace_s=grace_s, **moment)

        candidate.fresh()
        assert balances(partner, seen), explain(
            did=f"I sent SIGTERM in the moment when change {number} of the feed arrived, with grace_s={grace_s}.",
            saw=f"{unheard(seen)}{raised(seen)}{account(partner, seen)}",
            why="A signal comes at any moment; this one comes when the change is in nobody's list yet.",
            look="What your reader does between the feed and the queue when it is cancelled.",
        )


@pytest.mark.task("accounts")
def test_the_report_counts(candidate, rng):
    """Without a stop, all is applied and nothing left."""
    partner = Partner(rng, count := rng.randint(20, 60))

    seen = partner.work(candidate)

    assert (seen["applied"], seen["left"]) == (count, []), explain(
        did=f"I ran your worker on a feed of {count} changes, to its end.",
        saw=f"{raised(seen)}{account(partner, seen)}",
        why="The report is what the person on call reads.",
        look="Where you count: after apply has ended, once for each change.",
    )


@pytest.mark.task("accounts")
def test_an_error_leaves_its_change_and_stops_nobody(candidate, rng):
    """Three changes cannot be applied; they are left and logged, and all others are applied."""
    partner = Partner(rng, 30, takes_s=0.05)
    partner.broken = set(rng.sample(partner._coming, 3))

    seen = partner.work(candidate, workers=2)

    logged = sum(BROKEN in text for text in seen["logged"])
    assert (sorted(seen["left"]), seen["applied"], logged) == (sorted(partner.broken), 27, 3), explain(
        did=f"I ran two workers on a feed of 30 changes; apply raises ConnectionError for {sorted(partner.broken)}.",
        saw=f"{raised(seen)}{account(partner, seen)} {logged} of 3 errors were logged. "
        f"{'' if seen['returned'] else 'After 100 s your worker had not returned.'}",
        why="A worker task that dies of a locked row takes no more changes: after two of them, nobody does.",
        look="What an exception of apply ends in your code: this change, or the loop around it.",
    )


def balances(partner, seen):
    """Whether each change that was read is applied or left, once, and the report says so."""
    return (
        seen["returned"]
        and not seen["unheard"]
        and seen["applied"] == len(partner.applied) == partner.applied_in_time
        and sorted(partner.applied + seen["left"]) == sorted(partner.read)
    )


def account(partner, seen):
    lost = len(set(partner.read) - set(partner.applied) - set(seen["left"]))
    twice = len(partner.applied + seen["left"]) - len({*partner.applied, *seen["left"]})
    return (
        f"{len(partner.read)} were read and {len(partner.applied)} applied; your report says {seen['applied']} applied "
        f"and {len(seen['left'])} left: {lost} lost, {twice} told twice."
    )


def counted(partner):
    undone = len(set(partner.read)) - len(set(partner.applied))
    return f"stopped with {undone} bookings undone, and {len(partner.applied) - len(set(partner.applied))} done twice."


def waiting(left):
    if not left:
        return "no task of yours waits"
    return f"{len(left)} of your tasks wait{'s' if len(left) == 1 else ''} for ever ({', '.join(left)})"


def kept(seen):
    return ", and your handler of SIGTERM stays" if seen["is_handled"] else ""


def raised(seen):
    return f"Your worker raised {seen['error']}. " if seen["error"] else ""


def unheard(seen):
    return "Nobody handled SIGTERM: it would have killed the process. " if seen["unheard"] else ""


def since_stop(partner, seen):
    if not (seen["returned"] or seen["error"]):
        return "not at all in 100 s"
    return f"{partner.took('stopped')} s after the signal" if "stopped" in partner.times else "before the signal"
