"""A package is built, installed where nothing else is, and used from elsewhere."""

import datetime as dt
import json
import sys
from decimal import ROUND_HALF_UP, Decimal
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from prodev.testbed import Unavailable, explain

WORKSHOP = (Path(__file__).parent / "workshop.py").read_text(encoding="utf-8")
API = ["Stay", "UnknownCurrency", "fetch_rates", "quote"]
HEAVY = {"urllib.request": "the network", "argparse": "the command line"}


class Visit:
    """What the workshop is asked to try; drawn once, since all tests ask about one build."""

    def __init__(self, rng):
        self.rates = {name: Decimal(rng.randint(101, 999)) / 100 for name in ("GBP", "GHS", "USD")}
        self.newer = {name: Decimal(rng.randint(101, 999)) / 100 for name in ("KES", "NGN")}
        check_in = dt.date(2026, 5, 1) + dt.timedelta(days=rng.randrange(200))
        self.nights = rng.choice([1, 3, 5])
        self.stay = f"{check_in}..{check_in + dt.timedelta(days=self.nights)}"
        self.nightly = Decimal(10 * rng.randint(2000, 9999) + 5) / 1000
        self.currency = rng.choice(sorted(self.rates))
        self.mistakes = {
            "a stay without a night": [f"{check_in}..{check_in}", "20"],
            "a stay that is none": [f"{check_in} 3 nights", "20"],
            "a price that is none": [self.stay, "cheap"],
        }

    @property
    def price(self):
        return self.nights * self.nightly

    @property
    def commands(self):
        price = str(self.nightly)
        asked = [
            [self.stay, price],
            [self.stay, price, "--currency", self.currency],
            [self.stay, "20", "--currency", "XXX"],
        ]
        return [*asked, *self.mistakes.values()]

    def asked(self):
        rates, newer = csv_of(self.rates), csv_of(self.newer)
        return json.dumps({"rates": rates, "newer": newer, "commands": self.commands})


def csv_of(rates):
    return "currency,rate\n" + "".join(f"{name},{rate}\n" for name, rate in rates.items())


def cents(amount):
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.fixture(scope="module")
def visit(draw):
    return Visit(draw("visit"))


@pytest.fixture(scope="module")
def notes():
    """What came of the one visit to the workshop."""
    return []


@pytest.fixture(scope="module")
def backend():
    """Somewhere to build: whoever grades without these has no answer to give."""
    if find_spec("pip") is None or find_spec("setuptools") is None or int(version("setuptools").split(".")[0]) < 77:
        raise Unavailable(
            "This exercise builds with pip and with setuptools 77 or newer, and they are not installed beside ProDev.",
            remedy="python -m pip install -c constraints.txt -e .",
        )


@pytest.fixture
def tried(candidate, visit, notes, backend):
    if not notes:
        try:
            done = candidate.run([sys.executable, "workshop.py"], stdin=visit.asked(), files={"workshop.py": WORKSHOP})
            notes.append(read(done.stdout) or failed(done.exit_code, "what it ran ended the whole visit."))
        except AssertionError as error:  # it hung; the other tests need not find out again
            notes.append(failed(-1, f"I {str(error).rpartition(' and ')[2]}"))
    return notes[0]


def failed(code, said):
    return {"build": {"code": code, "said": said}}


def read(text):
    try:
        seen = json.loads(text)
    except ValueError:
        return None
    return seen if isinstance(seen, dict) and "build" in seen else None


@pytest.fixture
def installed(tried):
    """What was seen of the package in its fresh environment."""
    build, install = tried["build"], tried.get("install")
    failed = build if install is None else install
    assert install is not None and install["code"] == 0, explain(
        did="I ran pip wheel --no-index --no-deps --no-build-isolation in a copy of your folder"
        + (", and installed the wheel in a fresh environment." if install is not None else "."),
        saw=f"It ended with status {failed['code']}: {failed['said']}",
        why="Nothing can be tried before the package is installed; and the machines that install it have no network.",
        look="[build-system] and [project] in pyproject.toml; type the same command beside it.",
    )
    return tried


@pytest.mark.task("builds")
def test_says_what_it_is(installed):
    """The wheel installs without a network, and has a name, a version and a Python."""
    wanted = ["staybook-core", "1.0.0", ">=3.11"]
    name, *rest = json.loads(installed["metadata"]["out"] or "[null]")
    found = [str(name).lower().replace("_", "-"), *rest]

    assert found == wanted, explain(
        did="I built the wheel, installed it, and asked importlib.metadata about staybook-core.",
        saw=f"Name, version and Python are {[name, *rest]}; I expected {wanted}. {installed['metadata']['said']}",
        why="pip decides by these three what to install; a package without them is somebody's folder.",
        look="[project] in pyproject.toml.",
    )


@pytest.mark.task("command")
def test_the_command_works_elsewhere(installed, visit):
    """staybook-quote prints a price, from a folder that has nothing to do with the project."""
    done, wanted = installed["commands"][0], f"{cents(visit.price)} EUR"

    assert (done["out"], done["code"], done["said"]) == (wanted, 0, ""), explain(
        did=f"From an empty folder, I ran staybook-quote {' '.join(visit.commands[0])}.",
        saw=f"It printed {done['out']!r} and ended with status {done['code']}: {done['said']}",
        why=f"The price is {wanted}. Nobody who installs a package has its folder, or works in it.",
        look="[project.scripts], and imports that begin with src: once installed, there is no src.",
    )


@pytest.mark.task("command")
def test_the_command_says_what_is_wrong(installed, visit):
    """A mistake in the arguments ends with status 2 and a sentence."""
    for what, arguments in visit.mistakes.items():
        done = installed["commands"][visit.commands.index(arguments)]

        assert (done["code"], done["out"]) == (2, ""), explain(
            did=f"I ran staybook-quote {' '.join(map(repr, arguments))}: {what}.",
            saw=f"It printed {done['out']!r} and ended with status {done['code']}: {done['said']}",
            why="Scripts tell by the status whether they got a price; 2 is what commands answer to wrong arguments.",
            look="main() in cli.py, as the starter has it.",
        )


@pytest.mark.task("rates")
def test_reads_the_rates_that_are_installed(installed, visit):
    """A price in another currency comes from the rates.csv in the package."""
    done, wanted = installed["commands"][1], f"{cents(visit.price * visit.rates[visit.currency])} {visit.currency}"

    packed = "is" if "rates.csv" in installed["files"] else "is not"
    assert (done["out"], done["code"], done["said"]) == (wanted, 0, ""), explain(
        did=f"I wrote {visit.currency},{visit.rates[visit.currency]} into src/staybook_core/rates.csv, built and "
        f"installed, and ran staybook-quote {' '.join(visit.commands[1])} from an empty folder.",
        saw=f"It printed {done['out']!r} and ended with status {done['code']}: {done['said'] or '(nothing)'} "
        f"rates.csv {packed} among the files that were installed.",
        why=f"The price is {wanted}. A file that is missing once installed is found by a customer.",
        look="[tool.setuptools.package-data], and importlib.resources.files('staybook_core').",
    )


@pytest.mark.task("rates")
def test_knows_which_currencies_there_are(installed, visit):
    """A currency without a rate is refused, by the command and by quote."""
    done, use = installed["commands"][2], used(installed)

    assert (done["code"], "XXX" in done["said"], use.get("unknown")) == (2, True, "UnknownCurrency"), explain(
        did="I asked for a price in XXX: by staybook-quote --currency XXX, and by quote(stay, Decimal(1), 'XXX').",
        saw=f"The command ended with status {done['code']}: {done['said']} And quote: {use.get('unknown')}",
        why="A typing error in a currency must not become a price.",
        look="rate_of, and how cli.py answers UnknownCurrency.",
    )


@pytest.mark.task("rates")
def test_still_fetches_newer_rates(installed, visit):
    """fetch_rates reads a file of rates from a URL, and a Stay is still a value."""
    use, wanted = used(installed), {name: str(rate) for name, rate in visit.newer.items()}

    assert (use.get("rates"), use.get("stays")) == (wanted, 1), explain(
        did=f"I called fetch_rates with the URL of a file that holds {wanted}, and put two equal stays into a set.",
        saw=f"It returned {use.get('rates')}; the set has {use.get('stays')} members. {installed['use']['said']}",
        why="Whoever moves code into a package must not change what it does.",
        look="fetch_rates and Stay, as the starter has them.",
    )


def used(installed):
    return json.loads(installed["use"]["out"] or "{}")


@pytest.mark.task("imports")
def test_every_module_can_come_first(installed):
    """Each module imports by itself, with an empty __init__.py, and warnings as errors."""
    alone = installed["alone"]
    broken = {name: done["said"] for name, done in alone.items() if done["code"]}

    assert alone and not broken, explain(
        did=f"With an empty __init__.py and python -W error, I imported each first: {', '.join(alone) or 'none'}.",
        saw="; ".join(f"import {name} first and it breaks: {said}" for name, said in broken.items())
        or "No module of staybook_core was installed.",
        why="Two modules that import each other work in one order only, until somebody sorts the imports. "
        "And a warning of today is an error in a later Python.",
        look="What two modules want of each other: it belongs into the one that needs nothing.",
    )


@pytest.mark.task("imports")
def test_nothing_warns_when_it_works(installed, visit):
    """With warnings as errors, the command prints what it prints without."""
    calm, strict = installed["commands"][1], installed["strict"]

    assert strict == calm, explain(
        did=f"I ran staybook-quote {' '.join(visit.commands[1])} once more, with PYTHONWARNINGS=error.",
        saw=f"It printed {strict['out']!r} and ended with status {strict['code']}: {strict['said']}",
        why="Whoever uses your package runs their tests with warnings as errors, and cannot mend yours. "
        "And a warning of today is an error in a later Python.",
        look="The line that is named: a backslash in a string that is not raw, a file that is opened and not closed, "
        "a function that is about to go.",
    )


@pytest.mark.task("light")
def test_loads_no_more_than_it_needs(installed):
    """Importing the package loads neither the network nor the command line."""
    loaded = public(installed)["loaded"]
    heavy = [name for name in HEAVY if name in loaded]

    assert not heavy, explain(
        did="In a new process, I ran import staybook_core, and counted the modules that it loaded.",
        saw=f"It loaded {len(loaded)} modules, among them {' and '.join(f'{name} ({HEAVY[name]})' for name in heavy)}.",
        why="Every service, test and command that imports you pays for it at each start, even to price one stay.",
        look="python -X importtime -c 'import staybook_core', and an import that stands in the function that needs it.",
    )


@pytest.mark.task("public")
def test_says_what_is_public(installed):
    """__all__ names the four public names, and each is there."""
    found = public(installed)

    assert (sorted(found["all"]), found["missing"]) == (API, []), explain(
        did="I read staybook_core.__all__, and looked for each of its names.",
        saw=f"It holds {sorted(found['all'])}; missing are {found['missing']}. I expected {API}.",
        why="What is not on that list may change tomorrow; what is on it, others build on.",
        look="__all__ in __init__.py, which editors, documentation and import * read.",
    )


def public(installed):
    """What importing the package showed; fails the test when it does not import."""
    done = installed["public"]
    assert done["code"] == 0 and done["out"], explain(
        did="In the fresh environment, from an empty folder, I ran python -c 'import staybook_core'.",
        saw=f"It ended with status {done['code']}: {done['said']}",
        why="A package that does not import has no public names.",
        look="What __init__.py imports, and by which name: once installed, there is no src.",
    )
    return json.loads(done["out"])


@pytest.mark.task("public")
def test_says_that_it_is_typed(installed):
    """The marker for type checkers is installed."""
    assert "py.typed" in installed["files"], explain(
        did="I looked for py.typed among the files of staybook_core that were installed.",
        saw=f"There are {', '.join(installed['files'])}.",
        why="Without that file a type checker ignores every annotation that you wrote, and takes your names for Any.",
        look="An empty file, src/staybook_core/py.typed (PEP 561).",
    )
