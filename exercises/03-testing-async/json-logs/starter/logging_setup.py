"""How staybook writes its log: one JSON object a line."""

from collections.abc import Mapping
from typing import TextIO


def configure_logging(environ: Mapping[str, str] | None = None, stream: TextIO | None = None) -> None:
    """Write every record of this process to ``stream``, one JSON object a line, with nothing private in it.

    ``environ["LOG_LEVEL"]`` is the lowest level that is written. Raises ValueError when nobody knows it.
    """
    # TODO: set up the root logger.
    raise NotImplementedError("TODO: set up logging")
