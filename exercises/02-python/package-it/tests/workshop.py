"""Build the candidate's package without a network, install it where nothing else is, and use it from elsewhere.

Runs as a program of the candidate's, behind the same walls: a build backend runs whatever it likes.
Reads what to try from standard input, as JSON, and writes what it saw to standard output.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PACKAGE = "staybook_core"
LONGEST_S = 5
OFFLINE = {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INDEX": "1"}
CALM = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"}
STRICT = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "error"}

TELLING = re.compile(r"([\w.]*(Error|Exception|Warning|Unavailable)|ERROR|[\w-]+ error|[\w.-]+: error)\b")
MOST_SENTENCES = 3

METADATA = """
import importlib.metadata, json
found = importlib.metadata.metadata("staybook-core")
print(json.dumps([found["Name"], found["Version"], found["Requires-Python"]]))
"""
PUBLIC = """
import json, sys
before = set(sys.modules)
import staybook_core
loaded = sorted(set(sys.modules) - before)
names = list(getattr(staybook_core, "__all__", ["<none>"]))
print(json.dumps({"loaded": loaded, "all": names, "missing": [n for n in names if not hasattr(staybook_core, n)]}))
"""
USE = """
import json, sys
from datetime import date
from decimal import Decimal
from staybook_core import Stay, UnknownCurrency, fetch_rates, quote
stay = Stay(date(2026, 5, 1), date(2026, 5, 4))
try:
    unknown = str(quote(stay, Decimal(1), "XXX"))
except UnknownCurrency:
    unknown = "UnknownCurrency"
rates = {currency: str(rate) for currency, rate in fetch_rates(sys.argv[1]).items()}
print(json.dumps({"rates": rates, "unknown": unknown, "stays": len({stay, Stay.parse("2026-05-01..2026-05-04")})}))
"""


def main():
    asked = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(Workshop(Path(place).resolve()).try_out(asked)))


class Workshop:
    """A folder with the project in one part, a fresh environment in another, and nothing in a third."""

    def __init__(self, place):
        self.place = place
        self.project, self.fresh, self.elsewhere = place / "project", place / "fresh", place / "elsewhere"
        self.elsewhere.mkdir()

    def try_out(self, asked):
        """Do what is ``asked``; what could not be tried because an earlier step failed is missing."""
        self.lay_out(asked["rates"])
        seen = {"build": self.build(), "install": None}
        wheels = sorted((self.place / "dist").glob("*.whl"))
        if seen["build"]["code"] or len(wheels) != 1:
            return seen
        seen["install"] = self.install(wheels[0])
        if seen["install"]["code"]:
            return seen
        home = self.home()
        seen |= {"metadata": self.python(METADATA), "public": self.python(PUBLIC)}
        seen["commands"] = [self.command(arguments) for arguments in asked["commands"]]
        seen["strict"] = self.command(asked["commands"][1], STRICT)
        newer = self.elsewhere / "newer.csv"
        newer.write_text(asked["newer"], encoding="utf-8")
        seen["use"] = self.python(USE, newer.as_uri())
        seen["files"] = sorted(path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file())
        modules = [name.removesuffix(".py") for name in seen["files"] if name.endswith(".py")]
        names = [f"{PACKAGE}.{name.replace('/', '.')}" for name in modules if not name.endswith("__init__")]
        (home / "__init__.py").write_text("", encoding="utf-8")  # the last step: nothing else needs it
        seen["alone"] = {name: self.python(f"import {name}", env=STRICT) for name in names}
        return seen

    def lay_out(self, rates):
        self.project.mkdir()
        shutil.copy("pyproject.toml", self.project)
        shutil.copytree("src", self.project / "src")
        known = self.project / "src" / PACKAGE / "rates.csv"
        if known.exists():
            known.write_text(rates, encoding="utf-8")

    def build(self):
        options = ["--no-deps", "--no-build-isolation", "--no-cache-dir", f"--wheel-dir={self.place / 'dist'}"]
        return self.ran([sys.executable, "-m", "pip", "wheel", *options, "."], self.project, OFFLINE, within=None)

    def install(self, wheel):
        venv.create(self.fresh, with_pip=False, symlinks=True)
        options = [f"--python={self.fresh / 'bin' / 'python'}", "install", "--no-compile", "--no-cache-dir"]
        return self.ran([sys.executable, "-m", "pip", *options, str(wheel)], self.elsewhere, OFFLINE, within=None)

    def home(self):
        """Where the package stands in the fresh environment."""
        return next(self.fresh.glob("lib/python3*/site-packages")) / PACKAGE

    def python(self, program, *arguments, env=CALM):
        return self.ran([str(self.fresh / "bin" / "python"), "-c", program, *arguments], self.elsewhere, env)

    def command(self, arguments, env=CALM):
        command = self.fresh / "bin" / "staybook-quote"
        if not command.exists():
            return {"code": 127, "out": "", "said": "there is no command staybook-quote in the fresh environment"}
        return self.ran([str(command), *arguments], self.elsewhere, env)

    def ran(self, argv, folder, env, within=LONGEST_S):
        try:
            done = subprocess.run(
                argv, cwd=folder, env=os.environ | env, capture_output=True, text=True, timeout=within, check=False
            )
        except subprocess.TimeoutExpired:
            return {"code": -1, "out": "", "said": f"it did not end within {LONGEST_S} s"}
        return {"code": done.returncode, "out": done.stdout.strip(), "said": self.trouble(done.stderr)}

    def trouble(self, text):
        """The sentences of an error report that say most, without the folders of this machine."""
        lines = [re.sub(r"(/[\w.-]+)+/", "", line.strip()) for line in text.splitlines() if line.strip()]
        telling = dict.fromkeys(line for line in lines if TELLING.match(line))
        return " ".join([*telling][:MOST_SENTENCES] or lines[-1:])[:400]


if __name__ == "__main__":
    main()
