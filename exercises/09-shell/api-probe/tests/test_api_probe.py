"""A script that saves a whole answer or none, in time, and says which."""

import dataclasses
import json

import pytest

from prodev.testbed import dead_port, explain

OLD = '{"id": 1, "title": "the answer of a minute ago"}'
OLD_LOG = "listing 1 not saved, status 503\n"
PAGE = "<!doctype html>\n<title>Sorry</title>\n<h1>Sorry</h1>\n"
OURS = ("tmp/keep", "watch.sh")
WATCH = """
bash probe.sh "$1" >/dev/null &
while kill -0 $! 2>/dev/null; do
    cat data.json 2>/dev/null || printf 'no file'
    printf '\\036'
    sleep 0.02
done
wait $!
"""


@pytest.fixture
def id_(rng):
    return rng.randint(1000, 9999)


@pytest.fixture
def body(rng, id_):
    words = " ".join(rng.choices(["bright", "quiet", "close to the sea", "two steps", "café"], k=60))
    return json.dumps({"id": id_, "title": "Villa O'Brien", "nightly": "120.50", "text": words}, ensure_ascii=False)


def probe(candidate, url, id_, script="probe.sh"):
    """Run the script beside an older answer and an older log; ``tmp`` is where mktemp goes."""
    files = {"data.json": OLD, "errors.log": OLD_LOG, "tmp/keep": "", "watch.sh": WATCH}
    try:
        seen = candidate.run(["bash", script, str(id_)], env={"BASE_URL": url, "TMPDIR": "tmp"}, files=files)
    except AssertionError as error:
        told = explain(
            did=f"I ran: bash probe.sh {id_}",
            saw=f"It did not come to an end: {error}",
            why="A probe that hangs is still there when cron starts the next one, and the one after that.",
            look="--max-time 1 bounds one request; --retry, sleep and a loop add to it.",
        )
        raise AssertionError(told) from None
    return dataclasses.replace(seen, files={name: seen.files[name] for name in seen.files if name not in OURS})


def path(id_):
    return f"/listings/{id_}"


@pytest.mark.task("saves")
def test_saves_the_body(candidate, server, id_, body):
    """The answer of the server is in data.json, byte for byte."""
    server.answers(path(id_), text=body, headers={"Content-Type": "application/json"})

    seen = probe(candidate, server.url, id_)

    assert (seen.files.get("data.json"), seen.exit_code) == (body, 0), explain(
        did=f"I served listing {id_} and ran: bash probe.sh {id_}",
        saw=f"You ended with {seen.exit_code}, and data.json {holds(seen.files.get('data.json'), body)}.{said(seen)}",
        why="The web page shows what is in data.json, and nothing else.",
        look=f"The address (I was asked for {asked(server)}) and curl's --output.",
    )


@pytest.mark.task("saves")
@pytest.mark.parametrize("status", [200, 503])
def test_asks_once(candidate, server, id_, body, status):
    """One run is one request, whatever the answer."""
    server.answers(path(id_), status=status, text=body if status == 200 else PAGE)

    probe(candidate, server.url, id_)

    assert [(request.method, request.path) for request in server.log] == [("GET", path(id_))], explain(
        did=f"I answered listing {id_} with {status}, ran your script, and read the server's log.",
        saw=f"I was asked for {asked(server)}; I expected GET {path(id_)}, once.",
        why="The partner counts our requests, and answers none once we have asked too often.",
        look="How many times your script calls curl, and --retry. One call gives you the body, the status and "
        "an exit status.",
    )


@pytest.mark.task("codes")
@pytest.mark.parametrize(("statuses", "code"), [((404, 410, 403), 4), ((503, 500, 502), 5)], ids=["4xx", "5xx"])
def test_tells_what_heals_from_what_does_not(candidate, server, rng, id_, statuses, code):
    """4 when the listing cannot be had, 5 when the server cannot answer now."""
    status = rng.choice(statuses)
    server.answers(path(id_), status=status, text=PAGE, headers={"Content-Type": "text/html"})

    seen = probe(candidate, server.url, id_)

    assert (seen.exit_code, bool(server.log)) == (code, True), explain(
        did=f"I answered {status} with an HTML page, and ran: bash probe.sh {id_}",
        saw=f"You {ended(seen, server)}, and data.json {holds(seen.files.get('data.json'), '')}; I expected {code}."
        f"{said(seen)}",
        why="cron, make and && read only the exit status: 0 means that data.json can be shown.",
        look="curl is content with any answer unless you say --fail, and then its 22 stands for 404 and 503 alike: "
        "--write-out '%{http_code}' tells them apart.",
    )


@pytest.mark.task("codes")
def test_five_when_nobody_answers(candidate, server, id_, body):
    """5 when there is no server, and 0 as soon as there is one."""
    dead = probe(candidate, dead_port(), id_)
    server.answers(path(id_), text=body)
    alive = probe(candidate, server.url, id_)

    assert (dead.exit_code, alive.exit_code) == (5, 0), explain(
        did=f"I ran: bash probe.sh {id_}, first with a BASE_URL where nothing listens, then with a server there.",
        saw=f"You ended with {dead.exit_code}, then with {alive.exit_code}; I expected 5, then 0.{said(dead)}",
        why="A server that restarts is back in a minute: 5 tells the other job to try again.",
        look="What you do with curl's own exit status (7 here), and what http_code is when there was no answer: 000.",
    )


@pytest.mark.task("codes")
def test_five_when_it_breaks_off(candidate, server, rng, id_, body):
    """5 when the connection is cut in the middle of the body."""
    server.answers(path(id_), text=body).drops_after(rng.randint(20, 120))

    seen = probe(candidate, server.url, id_)

    assert (seen.exit_code, bool(server.log)) == (5, True), explain(
        did=f"I answered 200 and cut the connection in the middle of the body of {len(body.encode())} bytes.",
        saw=f"You {ended(seen, server)}; I expected 5.{said(seen)}",
        why="The status line comes first: it says 200 long before anybody knows whether the rest will arrive.",
        look="curl's own exit status. It is 18 here, whatever http_code says.",
    )


@pytest.mark.task("whole")
@pytest.mark.parametrize("trouble", ["breaks off", "404", "503"])
def test_the_older_answer_survives(candidate, server, id_, body, trouble):
    """A failure leaves data.json as it was, and no other file."""
    if trouble == "breaks off":
        server.answers(path(id_), text=body).drops_after(100)
    else:
        server.answers(path(id_), status=int(trouble), text=PAGE, headers={"Content-Type": "text/html"})

    seen = probe(candidate, server.url, id_)
    left = seen.files.get("data.json")
    others = sorted(seen.files.keys() - {"data.json", "errors.log"})

    assert (left, others, bool(server.log)) == (OLD, [], True), explain(
        did="I put an older data.json in the folder, and "
        + ("cut the connection after 100 bytes." if trouble == "breaks off" else f"answered {trouble} with a page."),
        saw=f"Afterwards data.json {holds(left, body)}{left_behind(others)}; you {ended(seen, server)}.",
        why="An answer that is a minute old still has the right price; half an answer has none.",
        look="Where curl writes, and when data.json is replaced: --output to another file, then mv if all went well, "
        "and rm if not.",
    )


@pytest.mark.task("whole")
def test_nobody_sees_half_of_it(candidate, server, id_, body):
    """While the answer arrives, data.json is the older one; then it is the new one."""
    server.answers(path(id_), text=body).slow(0.0, between=0.15, pieces=4)

    seen = probe(candidate, server.url, id_, script="watch.sh")
    views = dict.fromkeys(seen.stdout.split("\x1e")[:-1])
    strange = [view for view in views if view not in (OLD, body)]

    assert (strange, seen.files.get("data.json")) == ([], body), explain(
        did="I sent the answer in four pieces, and read data.json every 20 ms while your script ran.",
        saw=f"At one moment data.json {holds(strange[0] if strange else seen.files.get('data.json'), body)}.",
        why="The web page reads whenever a guest comes, and JSON that ends in the middle is an error 500.",
        look="mv within one folder replaces a file in one step; > , cp and curl --output fill it little by little.",
    )


@pytest.mark.task("in-time")
def test_gives_up_after_a_second(candidate, server, id_, body):
    """A server that is too slow is given up, also when it has begun to answer."""
    server.answers(path(id_), text=body).slow(0.0, between=0.5, pieces=4)

    seen = probe(candidate, server.url, id_)

    assert (seen.exit_code, bool(server.log)) == (5, True), explain(
        did="I sent the answer in four pieces, half a second apart: the last one 1.5 s after the request.",
        saw=f"You {ended(seen, server)}, and data.json {holds(seen.files.get('data.json'), body)}; I expected 5, "
        f"one second after you began.{said(seen)}",
        why="A probe that hangs is still there when cron starts the next one, and the one after that.",
        look="--connect-timeout ends when the connection stands; --max-time bounds the whole affair.",
    )


@pytest.mark.task("log")
@pytest.mark.parametrize("trouble", ["404", "503", "nobody there"])
def test_trouble_goes_to_the_log(candidate, server, id_, trouble):
    """A failure adds a line with the listing and the status, and older lines stay."""
    if trouble != "nobody there":
        server.answers(path(id_), status=int(trouble), text=PAGE, headers={"Content-Type": "text/html"})

    seen = probe(candidate, dead_port() if trouble == "nobody there" else server.url, id_)
    log = seen.files.get("errors.log", "")
    new = log.removeprefix(OLD_LOG)
    named = [word for word in (str(id_), trouble) if word.isdigit() and word in new]

    assert (log.startswith(OLD_LOG), named) == (True, [w for w in (str(id_), trouble) if w.isdigit()]), explain(
        did=f"I put one line into errors.log, and ran: bash probe.sh {id_}; the answer was {trouble}.",
        saw=f"errors.log now reads: {log.strip() or 'nothing'!r}; I expected the old line, and a new one with {id_}"
        + (f" and {trouble}." if trouble.isdigit() else "."),
        why="In the morning somebody wants to know which listing, since when, and why.",
        look="`>` where `>>` is meant empties the log; and curl's own words do not name the listing.",
    )


@pytest.mark.task("log")
def test_standard_output_stays_empty(candidate, server, id_, body):
    """Nothing is printed, and success is not worth a line."""
    server.answers(path(id_), text=body)

    good = probe(candidate, server.url, id_)
    bad = probe(candidate, server.url, id_ + 1)

    assert (good.stdout, bad.stdout, good.files.get("errors.log")) == ("", "", OLD_LOG), explain(
        did=f"I ran: bash probe.sh {id_}, which I answered with 200, and bash probe.sh {id_ + 1}, with 404.",
        saw=f"You printed {shown(good.stdout)}, then {shown(bad.stdout)}; "
        f"the success left errors.log as {shown(good.files.get('errors.log', 'gone'))}.",
        why="The next program in the pipe eats whatever is on standard output.",
        look="Every echo, and curl without --output: trouble goes to errors.log, and a success says nothing.",
    )


def holds(content, body):
    """What is in data.json, in words."""
    if content is None:
        return "is not there"
    known = {
        OLD: "is the older one",
        body: "is the new answer",
        PAGE: "is an HTML page",
        "": "is empty",
        "no file": "is not there",
    }
    if content not in known and body.startswith(content):
        return f"is the first {len(content.encode())} bytes of {len(body.encode())}"
    return known.get(content, f"reads {shown(content)}")


def left_behind(others):
    return f", and you left {', '.join(others)} behind" if others else ""


def ended(seen, server):
    requests = "1 request" if len(server.log) == 1 else f"{len(server.log)} requests"
    return f"ended with {seen.exit_code} after {requests}"


def said(seen):
    return f" On standard error: {shown(seen.stderr)}." if seen.stderr else ""


def asked(server):
    return ", ".join(f"{request.method} {request.path}" for request in server.log) or "nothing"


def shown(text):
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= 160 else f"{flat[:160]}…")
