"""The promises about a module: what it orders is there, and what is there is ordered."""

import pytest

from prodev.authoring import check_module
from prodev.course import Course


def told(toy, name="00-stays"):
    verdict = check_module(Course(toy.root), name)
    return "" if verdict.good else "\n".join(verdict.lines())


def test_the_toy_module_is_good(toy):
    assert told(toy) == ""


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (
            lambda toy: toy.replace("M/module.toml", '"price-tag"', '"prize-tag"'),
            "orders 'prize-tag', which is neither a notebook beside it nor a folder in exercises/00-stays/",
        ),
        (
            lambda toy: toy.replace("M/module.toml", ', "price-tag"', ""),
            "exercises/00-stays/price-tag stands in no 'order': no learner meets it",
        ),
        (
            lambda toy: toy.replace("M/module.toml", '"half-open-stays", ', ""),
            "modules/00-stays/half-open-stays.ipynb stands in no 'order'",
        ),
        (
            lambda toy: toy.replace("M/module.toml", '"price-tag"', '"price-tag", "count-nights"'),
            "orders 'count-nights' 2 times",
        ),
        (lambda toy: toy.write("solutions/00-stays/tax/why.md", "?"), "solutions/00-stays/tax solves no exercise"),
        (lambda toy: toy.replace("M/module.toml", "title", "tilte"), "Did you mean 'title'?"),
        (lambda toy: toy.replace("M/module.toml", "One rule", "REPLACE-ME rule"), "still says REPLACE-ME"),
    ],
)
def test_a_breach_is_named(toy, breaks, words):
    breaks(toy)

    assert words in told(toy)


def test_a_module_is_called_by_week_and_name(toy):
    toy.at("modules/00-stays").rename(toy.root / "modules" / "stays")

    assert "modules/stays is not called NN-name" in told(toy, "stays")
