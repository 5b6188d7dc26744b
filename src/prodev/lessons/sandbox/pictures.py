"""Pictures in one style, whose bytes depend on the data alone."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, GREY, INK = "#0064a5", "#c8501e", "#007a5e", "#8a8f98", "#1f2430"
"""Told apart by people with any kind of colour vision, and dark enough to write in on the card."""

_CARD = "#fbfaf7"
_STYLE: Any = {
    "axes.edgecolor": INK,
    "axes.facecolor": _CARD,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.prop_cycle": f"cycler('color', ['{BLUE}', '{ORANGE}', '{GREEN}', '{GREY}'])",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "figure.facecolor": _CARD,
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "grid.color": "#e2e0d8",
    "lines.linewidth": 2.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "prodev",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def picture(
    title: str, *, x: str, y: str, log: bool = False, size: tuple[float, float] = (7.2, 4.0)
) -> tuple[Figure, Axes]:
    """Begin a picture; it shows itself when it is the last line of a cell.

    ``title`` says what is to be seen (up to about 60 letters), ``x`` and ``y`` what the axes measure;
    ``log`` makes both of them logarithmic. The same data give the same bytes.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    class Picture(Figure):
        def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
            return {"image/svg+xml": _svg(self), "text/plain": f"<picture: {title}>"}

    matplotlib.rcParams.update(_STYLE)
    drawn = Picture(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.15))
    axes = drawn.add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.set_axisbelow(True)
    if log:
        axes.set(xscale="log", yscale="log")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter("{x:,.0f}")
            axis.set_tick_params(which="minor", length=0)
    return drawn, axes


def _svg(drawn: Figure) -> str:
    written = BytesIO()
    drawn.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    text = written.getvalue().decode()
    text = text[text.index("<svg") :].replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    # Two decimals of a point are finer than any screen, and coarser than what two processors disagree about.
    return re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", text)
