"""JSON over HTTP."""

import json as codec
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


@dataclass(frozen=True)
class Response:
    """What a server answered: its status, and the object in its body."""

    status: int
    json: dict[str, Any]


def post(url: str, *, json: Mapping[str, Any], headers: Mapping[str, str], timeout: float) -> Response:
    """Send an object and return the answer, whatever its status. Raises OSError, or a kind of it, where none comes."""
    sent = {"Content-Type": "application/json", **headers}
    request = Request(url, codec.dumps(json).encode(), sent, method="POST")
    try:
        with urlopen(request, timeout=timeout) as answer:
            return Response(answer.status, codec.loads(answer.read()))
    except HTTPError as error:
        return Response(error.code, codec.loads(error.read()))
