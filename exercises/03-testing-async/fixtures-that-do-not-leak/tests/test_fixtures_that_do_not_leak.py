"""The given tests pass in every order with the candidate's fixtures, and leave nothing behind."""

import pytest

from prodev.testbed import explain

ALL = ["test_error_pages.py", "test_rates.py", "test_bookings.py", "test_exports.py"]
WRITTEN, BACKWARDS, DRAWN = "as written", "backwards", "drawn"
every_order = pytest.mark.parametrize("order", [WRITTEN, BACKWARDS, DRAWN])


@pytest.mark.task("rates")
@every_order
def test_rates_are_new_in_every_order(candidate, rng, order):
    """The tests of test_rates.py pass in any order, and twice in one process."""
    holds_in(
        candidate,
        rng,
        order,
        "test_rates.py",
        look="Who makes the dictionaries, the outer and the inner ones, "
        "and how often. What a fixture merely finds belongs to all tests.",
    )


@pytest.mark.task("database")
@every_order
def test_the_database_is_new_in_every_order(candidate, rng, order):
    """The tests of test_bookings.py pass in any order, and twice in one process."""
    holds_in(
        candidate,
        rng,
        order,
        "test_bookings.py",
        look="How often your fixture runs, and what it does about "
        "bookings that are already committed: rollback() does not reach them.",
    )


@pytest.mark.task("database")
def test_connections_are_closed(candidate):
    """When the run is over, no connection is open."""
    seen = candidate.probe("run_the_tests", files=["test_bookings.py"], order=WRITTEN)

    assert (seen["opened"] > 0, seen["still_open"]) == (True, 0), explain(
        did="I ran test_bookings.py, and looked at every connection that was opened during the run.",
        saw=f"{seen['still_open']} of {seen['opened']} connections were still open when the run was over."
        if seen["opened"]
        else f"No connection was opened. {seen['trouble'] or failures(seen) or ''}",
        why="A server counts its connections: a suite of 300 tests that closes none is refused at the hundredth.",
        look="What comes after the yield of the fixture that opens it.",
    )


@pytest.mark.task("database")
def test_two_runs_have_two_databases(candidate):
    """A run that goes on in another folder at the same time has bookings of its own."""
    holds_beside_another(candidate, "db", "test_bookings.py", "a booking in the database")


@pytest.mark.task("environment")
@pytest.mark.parametrize("outside", [None, "0"], ids=["without DEBUG", "with DEBUG=0"])
def test_the_environment_is_as_it_was(candidate, rng, outside):
    """After each test, every variable has the value that it had before, and so has the current folder."""
    order = [BACKWARDS, WRITTEN][outside is None]

    seen = candidate.probe("run_the_tests", files=ALL, order=order, outside=outside)
    leak = min(seen["leaks"], key=lambda leak: leak["name"] != "DEBUG", default=None)

    assert (leak, seen["trouble"]) == (None, ""), explain(
        did=f"I ran all tests {order}, in an environment {'without DEBUG' if outside is None else 'with DEBUG=0'}.",
        saw=leaked(leak) if leak else seen["trouble"],
        why="What one test sets, all later ones run with: they pass, and prove something about another program.",
        look="monkeypatch.setenv, which puts back what was there before: a value, or none.",
    )


@pytest.mark.task("environment")
@every_order
def test_error_pages_in_every_order(candidate, rng, order):
    """The tests of test_error_pages.py pass in any order, and twice in one process."""
    holds_in(
        candidate,
        rng,
        order,
        "test_error_pages.py",
        look="Who takes DEBUG back, and when: monkeypatch.setenv does, at the end of the test.",
    )


@pytest.mark.task("environment")
def test_debug_is_on_when_it_is_asked_for(candidate):
    """The fixture debug sets DEBUG=1, whatever DEBUG was before."""
    seen = candidate.probe("run_the_tests", files=["test_error_pages.py"], order=WRITTEN, outside="0")

    assert passes(seen), explain(
        did="I ran test_error_pages.py in an environment with DEBUG=0.",
        saw=f"{seen['trouble'] or failures(seen)}.",
        why="A fixture that leaves the value of somebody's shell alone tests that shell.",
        look="What debug sets, and whether it always does.",
    )


@pytest.mark.task("files")
def test_git_status_is_clean(candidate):
    """After a run, the folder with the code holds what it held before."""
    seen = candidate.probe("run_the_tests", files=ALL, order=WRITTEN)
    dirty = seen["left"] or seen["inside"]

    assert (dirty, seen["trouble"]) == ([], ""), explain(
        did="I ran all tests, and compared the folder with the code before and after.",
        saw=f"`git status` is dirty after your tests: {listed(seen['left'])}."
        if seen["left"]
        else f"exports was {listed(seen['inside'])}/, beside the code, for as long as a test ran."
        if dirty
        else f"{seen['trouble']}.",
        why="Such files are found by the next run, and get committed; a run that is killed never tidies up.",
        look="tmp_path: pytest makes a folder for each test, far from your code, and removes old ones.",
    )


@pytest.mark.task("files")
@every_order
def test_exports_in_every_order(candidate, rng, order):
    """The tests of test_exports.py pass in any order, and twice in one process."""
    holds_in(
        candidate,
        rng,
        order,
        "test_exports.py",
        look="Which folder exports names, how often it is made, and what lies in it from the test before.",
    )


@pytest.mark.task("files")
def test_two_runs_have_two_folders(candidate):
    """A run that goes on in another folder at the same time writes elsewhere."""
    holds_beside_another(candidate, "exports", "test_exports.py", "a file in exports")


def holds_in(candidate, rng, order, file, *, look):
    seed, twice = rng.random(), order == DRAWN
    seen = candidate.probe("run_the_tests", files=[file], order=seed if twice else order, twice=twice)

    assert passes(seen), explain(
        did=f"I ran the tests of {file} {spelled(order)}.",
        saw=disorder(candidate, file, seen),
        why="A test that depends on who ran before it fails on another day, and blames code that is right.",
        look=look,
    )


def holds_beside_another(candidate, fixture, file, thing):
    seen = candidate.probe("run_beside_another", fixture=fixture)
    both = passes(seen) and seen["other_passed"]

    assert both, explain(
        did=f"A test made {thing}; before it ended, I ran {file} from a second clone, in a process of its own.",
        saw=f"They met: {seen['trouble'] or failures(seen)}."
        if not passes(seen)
        else f"They met: the other run failed with '{seen['other_says']}'.",
        why="CI runs two branches on one machine, and you run two terminals: a fixed name is shared by all of them.",
        look=f"The path behind {fixture}. tmp_path is another one in each run.",
    )


def passes(seen):
    return bool(seen["tests"]) and not seen["trouble"] and set(seen["tests"].values()) == {"passed"}


def disorder(candidate, file, seen):
    """Two orders of two tests that show it, or all failures where two tests are not enough."""
    failed = next((name for name, how in seen["tests"].items() if how != "passed"), None)
    if seen["trouble"] or failed is None:
        return f"{seen['trouble'] or 'No test ran'}."
    names = list(seen["tests"])
    for earlier in reversed(names[: names.index(failed)]):
        late, early = (outcomes(candidate, file, order) for order in ([earlier, failed], [failed, earlier]))
        if late.get(failed, "passed") != "passed" and set(early.values()) == {"passed"}:
            return (
                f"In the order {short(failed)}, {short(earlier)}, both pass. In the order {short(earlier)}, "
                f"{short(failed)}, {short(failed)} fails with '{late[failed]}'."
            )
    return f"{failures(seen)}."


def outcomes(candidate, file, order):
    candidate.fresh()
    return candidate.probe("run_the_tests", files=[file], order=order, twice=True)["tests"]


def failures(seen):
    failed = [f"{short(name)} fails with '{how}'" for name, how in seen["tests"].items() if how != "passed"]
    return "; ".join(failed[:2]) + (f"; and {len(failed) - 2} more" if len(failed) > 2 else "")


def short(name):
    file, _, test = name.partition("::")
    return f"{test} (again)" if file.endswith("_again.py") else test


def spelled(order):
    return "in an order that I drew, each of them twice in one process" if order == DRAWN else order


def leaked(leak):
    later = f"{leak['tests']} later test{'' if leak['tests'] == 1 else 's'}"
    value = "gone" if leak["is"] is None else f"{leak['name']}={leak['is']}"
    was = "there was none before" if leak["was"] is None else f"before, it was {leak['was']!r}"
    if leak["name"] == "the current folder":
        return f"{leak['by']} left the run in another folder, where {later} ran."
    if leak["is"] is None:
        return f"After {leak['by']}, {leak['name']} was gone, for {later}; {was}."
    return f"{value} leaked from {leak['by']} into {later}; {was}."


def listed(names):
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
