"""Text keeps its contrast in both palettes (WCAG AA: 4.5 to 1)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import prodev.site

STYLE = (Path(prodev.site.__file__).parent / "theme/assets/prodev.css").read_text()
TEXT = ["--ink", "--ink-soft", "--accent", "--accent-strong", "--note"]
CODE = [f"--md-code-hl-{name}-color" for name in ("number", "special", "function", "constant", "keyword", "string")]
GROUNDS = ["--paper", "--raised", "--code-ground", "--accent-ground"]


def colours_of(scheme: str) -> dict[str, str]:
    block = STYLE.partition(f'[data-md-color-scheme="{scheme}"] {{')[2].partition("}")[0]
    return dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_text_stands_out_from_every_ground(scheme):
    colours = colours_of(scheme)
    pairs = [(text, ground) for text in TEXT for ground in GROUNDS] + [(code, "--code-ground") for code in CODE]

    weak = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in pairs}

    assert {pair: value for pair, value in weak.items() if value < 4.5} == {}
