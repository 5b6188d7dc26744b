"""A unit of work happens whole or not at all, says when it failed, and gives back what it borrowed."""

import pytest

from prodev.testbed import explain

FAIL = ["fail", "NoCard"]
NO_SUCH_HOST = "nobody"


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def play(candidate, request):
    """Play stories by one unit of work on a pool of that database; what is seen says ``on`` which."""

    def play(*stories, **settings):
        seen = candidate.probe("play", stories=list(stories), engine=request.param, **settings)
        return seen | {"on": f"On {request.param}: "}

    return play


@pytest.fixture
def names(rng):
    """Five guests."""
    return rng.sample(["Ada", "Bo", "Chidi", "Dina", "Emre", "Fay", "Goran", "Hana"], 5)


@pytest.mark.task("all-or-nothing")
def test_a_block_that_ends_well_is_committed(play, names):
    """What the block wrote is there for everybody afterwards, and for nobody before."""
    a, b, *_ = names

    seen = play([["book", a], ["look"], ["book", b]])

    assert (seen["stored"], seen["looks"]) == ([a, b], [[]]), explain(
        did=f"{seen['on']}I booked {a} and {b} in one block, and let a stranger look in between and afterwards.",
        saw=f"In between the stranger saw {seen['looks'][0] if seen['looks'] else 'nothing, as I never got so far'}; "
        f"afterwards {seen['stored']}{after_error(seen)}.",
        why="A guest whose block is not committed has a confirmation and no booking; "
        "one that is seen half done has a booking and no payment.",
        look="BEGIN on the way in, COMMIT on the way out.",
    )


@pytest.mark.task("all-or-nothing")
@pytest.mark.parametrize("kind", ["NoCard", "KeyboardInterrupt"])
def test_a_block_that_fails_leaves_nothing(play, names, kind):
    """When the block raises, nothing that it wrote remains."""
    a, b, *_ = names

    seen = play([["book", a], ["book", b], ["fail", kind]])

    assert seen["stored"] == [], explain(
        did=f"{seen['on']}I booked {a} and {b} in one block, which then raised {kind}.",
        saw=f"The failed booking was committed: a stranger sees {seen['stored']}.",
        why="Half a booking is a room that is taken and not paid, and nobody is told.",
        look="Which of your lines run after an error. A commit in `finally` does.",
    )


@pytest.mark.task("all-or-nothing")
def test_a_commit_that_fails_leaves_nothing(play, names):
    """When the database refuses the commit, nothing of the block remains, now or later."""
    a, b, *_ = names

    seen = play([["book", a, NO_SUCH_HOST]], [["book", b]])

    assert seen["stored"] in ([b], []), explain(
        did=f"{seen['on']}I booked {a} with a host who does not exist "
        f"(the database checks that at the commit), then {b}.",
        saw=f"A stranger sees {seen['stored']}; I expected {[b]}.",
        why="What the database has refused once must not come back with the next guest's commit.",
        look="What you do when commit() raises.",
    )


@pytest.mark.task("errors")
@pytest.mark.parametrize("kind", ["NoCard", "KeyboardInterrupt"])
def test_the_error_of_the_block_goes_on(play, names, kind):
    """What the block raises, its caller gets: the very same object."""
    seen = play([["book", names[0]], ["fail", kind]])
    (end,) = seen["ends"]

    assert end["is_that_very_error"], explain(
        did=f"{seen['on']}I booked {names[0]} in a block that then raised {kind}.",
        saw=f"The caller got {end['error']}." if end["error"] else f"{kind} vanished: the caller got no error.",
        why="A caller who hears nothing tells the guest that the room is theirs.",
        look="What your __exit__ returns: a true value says that the error is dealt with.",
    )


@pytest.mark.task("errors")
def test_the_error_of_an_inner_block_goes_on(play, names):
    """An inner block's error reaches the outer one, and its caller."""
    seen = play([["book", names[0]], ["inside", [FAIL]]])
    (end,) = seen["ends"]

    assert end["is_that_very_error"], explain(
        did=f"{seen['on']}I booked {names[0]}, and raised NoCard in an inner block, which nobody caught.",
        saw=f"The caller got {end['error']}." if end["error"] else "NoCard vanished: the caller got no error.",
        why="A booking whose payment failed in an inner block is not a booking.",
        look="What your __exit__ returns for an inner block.",
    )


@pytest.mark.task("errors")
def test_the_error_of_the_commit_goes_on(play, names):
    """When the database refuses the commit, the caller gets its error."""
    seen = play([["book", names[0], NO_SUCH_HOST]])
    (end,) = seen["ends"]

    assert (end["error"] or "").startswith("IntegrityError"), explain(
        did=f"{seen['on']}I booked {names[0]} with a host who does not exist; the database checks that at the commit.",
        saw=f"The caller got {end['error']}." if end["error"] else "IntegrityError vanished: the caller got no error.",
        why="The block ended well, and yet there is no booking: only this error can say so.",
        look="Whatever catches errors around your commit.",
    )


@pytest.mark.task("gives-back")
@pytest.mark.parametrize("how", ["ends well", "raises NoCard", "raises KeyboardInterrupt", "is refused at the commit"])
def test_the_connection_goes_back_clean(play, names, how):
    """However the block ends, its connection is closed once, with no transaction open."""
    a = names[0]
    story = {
        "ends well": [["book", a]],
        "raises NoCard": [["book", a], FAIL],
        "raises KeyboardInterrupt": [["book", a], ["fail", "KeyboardInterrupt"]],
        "is refused at the commit": [["book", a, NO_SUCH_HOST]],
    }[how]

    seen = play(story)

    assert (seen["lent"], seen["closed"], seen["left_open"]) == (1, 1, 0), explain(
        did=f"{seen['on']}I booked {a} in a block that {how}, and counted what the pool lent and got back.",
        saw=f"The pool lent {seen['lent']}, and got back {seen['closed']}, {seen['left_open']} of them with a "
        f"transaction open{after_error(seen)}. The next guest would see {a}'s half a booking."
        if seen["left_open"]
        else f"The pool lent {seen['lent']}, and got back {seen['closed']}{after_error(seen)}.",
        why="What is not given back is missing: after ten such blocks the pool is empty and the site stands still. "
        "What goes back with a transaction open mixes two guests' work.",
        look=f"The way out when the block {how}: is there a rollback on it, and a close in `finally`?",
    )


@pytest.mark.task("gives-back")
def test_a_connection_that_cannot_begin_goes_back_too(play):
    """When BEGIN is refused, the connection goes back and the error goes on."""
    seen = play([["look"]], refuse_begin=True)
    (end,) = seen["ends"]

    assert (seen["lent"], seen["closed"], bool(end["error"])) == (1, 1, True), explain(
        did=f"{seen['on']}I lent you a connection that refuses BEGIN{after_error(seen)}.",
        saw=f"The pool lent {seen['lent']}, and got back {seen['closed']}; the caller got {end['error']}.",
        why="When __enter__ raises, Python does not call __exit__: nobody else will close what you have opened.",
        look="What happens in __enter__ between connect() and its end.",
    )


@pytest.mark.task("gives-back")
def test_a_unit_can_be_used_again(play, names):
    """After a block that failed, the same unit does the next one."""
    a, b, *_ = names

    seen = play([["book", a], FAIL], [["book", b]])

    assert (b in seen["stored"], seen["closed"], seen["ends"][1]["error"]) == (True, 2, None), explain(
        did=f"{seen['on']}I booked {a} in a block that failed, then {b} in another one of the same unit.",
        saw=f"A stranger sees {seen['stored']}; {seen['closed']} connections went back; "
        f"the second block gave {seen['ends'][1]['error'] or 'no error'}.",
        why="A service makes one unit of work when it starts, and uses it all day.",
        look="What the first block left behind, in the connection and in your attributes.",
    )


@pytest.mark.task("nested")
def test_an_inner_block_fails_alone(play, names):
    """What an inner block did is undone when it fails; the outer one goes on."""
    a, b, c, d, _ = names
    story = [["book", a], ["inside", [["book", b]]], ["attempt", [["book", c], FAIL]], ["book", d]]

    seen = play(story)

    assert seen["stored"] == [a, b, d], explain(
        did=f"{seen['on']}In one block I booked {a}; {b} in an inner block; {c} in an inner block that raised, "
        f"which I caught; and {d}.",
        saw=f"A stranger sees {seen['stored']}; I expected {[a, b, d]}{after_error(seen)}.",
        why="A coupon that cannot be redeemed should cost the guest the coupon, not the booking.",
        look="What your __exit__ does for an inner block that fails: ROLLBACK TO its savepoint, and no more.",
    )


@pytest.mark.task("nested")
def test_an_inner_block_is_not_final(play, names):
    """When the outer block fails, what its inner blocks did goes with it, and nobody has seen it."""
    a, b, *_ = names

    seen = play([["book", a], ["inside", [["book", b]]], ["look"], FAIL])

    assert (seen["stored"], seen["looks"]) == ([], [[]]), explain(
        did=f"{seen['on']}In one block I booked {a}, and {b} in an inner block that ended well; "
        "then the outer block failed.",
        saw=f"After the inner block a stranger saw {seen['looks']}; in the end {seen['stored']}{after_error(seen)}.",
        why="Only the outermost block knows whether all of it worked.",
        look="Whether your __exit__ commits for an inner block too.",
    )


@pytest.mark.task("nested")
def test_blocks_nest_three_deep(play, names):
    """A block that fails takes along what blocks inside of it had kept, and nothing else."""
    a, b, c, d, _ = names
    story = [["book", a], ["attempt", [["book", b], ["inside", [["book", c]]], FAIL]], ["book", d]]

    seen = play(story)

    assert seen["stored"] == [a, d], explain(
        did=f"{seen['on']}I booked {a}; in an inner block {b}, and {c} in one inside of that, which ended well; "
        f"then the inner block failed; I caught its error and booked {d}.",
        saw=f"A stranger sees {seen['stored']}; I expected {[a, d]}{after_error(seen)}.",
        why="An innermost block is part of the one around it, and shares its fate.",
        look="Which savepoint your ROLLBACK TO means. One that was not released is still there.",
    )


@pytest.mark.task("nested")
def test_an_inner_block_works_on_the_same_connection(play, names):
    """Inner blocks borrow no connection of their own."""
    a, b, *_ = names

    seen = play([["book", a], ["inside", [["book", b]]]])

    assert (seen["lent"], seen["closed"], seen["same_connection"]) == (1, 1, True), explain(
        did=f"{seen['on']}I booked {a}, and {b} in an inner block.",
        saw=f"You borrowed {seen['lent']} connections and closed {seen['closed']} times{after_error(seen)}.",
        why="A second connection does not see what the first has not committed, and waits for its locks for ever.",
        look="What your __enter__ does when it is called for the second time.",
    )


def after_error(seen):
    errors = [end["error"] for end in seen["ends"] if end["error"] and not end["is_that_very_error"]]
    return f", after {'; '.join(errors)}" if errors else ""
