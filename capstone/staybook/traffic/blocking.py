"""Whom we do not answer. The list is read again every few seconds, by each process."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.db import DatabaseError
from django.db.models import Q

from staybook.common import clock
from staybook.traffic.models import BlockedNetwork

READ_AGAIN_S = 5.0
_networks: Sequence[IPv4Network | IPv6Network] = ()
_read_again_at = 0.0
_log = logging.getLogger(__name__)


def is_blocked(ip: str) -> bool:
    """Whether ``ip`` lies in a network that staff blocked; a change is noticed after ``READ_AGAIN_S`` at the latest."""
    if time.monotonic() >= _read_again_at:
        _read()
    return bool(_networks) and any(ip_address(ip) in network for network in _networks)


def forget(*, for_s: float = 0.0) -> None:
    """Take the list as empty for some time, then read it again."""
    global _networks, _read_again_at
    _networks, _read_again_at = (), time.monotonic() + for_s


def _read() -> None:
    """Read the list. While the database is away, the last one stands."""
    global _networks, _read_again_at
    _read_again_at = time.monotonic() + READ_AGAIN_S
    found = []
    try:
        rows = BlockedNetwork.objects.filter(Q(until=None) | Q(until__gt=clock.now()))
        for text in rows.values_list("network", flat=True):
            try:
                found.append(ip_network(text, strict=False))
            except ValueError:
                _log.exception("a blocked network that is none", extra={"network": text})
    except DatabaseError as error:
        _log.warning("the block list was not read", extra={"error": type(error).__name__})
        return
    _networks = found
