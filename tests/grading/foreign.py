"""Adopt exercises of another make: a stub, unittest cases in ``*_test.py``, and ``.meta/example.py``."""

from prodev.course import Course

MODULE = 'title = "Foreign"\nsummary = ""\noutcomes = []\norder = {order}\n'
EXERCISE = 'title = "{name}"\nedit = ["{name}.py"]\nlevel = "core"\nminutes = 9\nconcepts = []\n\n'
TASK = '[[task]]\nid = "all"\ntitle = "All of it"\npoints = 1\nhints = []\n'
SUITE = """
import pytest
from bridge import cases_of
CASES, bridge = cases_of("{name}")
@pytest.mark.task("all")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(candidate, case):
    bridge.candidate = candidate
    case.debug()
"""


def adopted(track, bridge, root):
    """Lay the folders of ``track`` out below ``root`` as a course, each suite beside ``bridge``; return the course."""
    slugs = [folder.name for folder in track.iterdir()]
    files = {"modules/00-foreign/module.toml": MODULE.format(order=slugs)}
    for slug in slugs:
        name, ours = slug.replace("-", "_"), f"exercises/00-foreign/{slug}"
        files[f"{ours}/exercise.toml"] = EXERCISE.format(name=name) + TASK
        files[f"{ours}/tests/test_all.py"] = SUITE.format(name=name)
        files[f"{ours}/tests/bridge.py"] = bridge.read_text()
        files[f"{ours}/tests/{name}_cases.py"] = (track / slug / f"{name}_test.py").read_text()
        files[f"{ours}/starter/{name}.py"] = (track / slug / f"{name}.py").read_text()
        files[f"solutions/00-foreign/{slug}/reference/{name}.py"] = (track / slug / ".meta/example.py").read_text()
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Course(root)
