"""Cursors: the place where a page ended, signed. What we did not write is refused, so nobody builds one.

REST and GraphQL give the same, so that a page begun over one is gone on with over the other.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from django.core import signing

from staybook.common.errors import Invalid

_signer = signing.Signer(salt="cursor", sep=".")


def write_cursor(position: Sequence[Any] | None, *, order: Sequence[str]) -> str | None:
    """The place as an opaque text; None for none."""
    if position is None:
        return None
    signed = _signer.sign(json.dumps([",".join(order), *map(str, position)]))
    return base64.urlsafe_b64encode(signed.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, *, order: Sequence[str]) -> list[str] | None:
    """The place that ``write_cursor`` wrote, its values as text, which Django's fields read. Raises Invalid."""
    if cursor is None:
        return None
    try:
        signed = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
        of, *position = json.loads(_signer.unsign(signed))
    except (signing.BadSignature, binascii.Error, ValueError) as error:
        raise _bad_cursor() from error
    if of != ",".join(order):
        raise _bad_cursor()
    return [str(value) for value in position]


def _bad_cursor() -> Invalid:
    return Invalid("Some fields are not right.", fields={"cursor": "Not the `next` of a page in this order."})
