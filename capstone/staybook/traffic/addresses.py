"""Where a request comes from, as far as it can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.http import HttpRequest

Address = IPv4Address | IPv6Address
UNKNOWN = "0.0.0.0"
"""Stands for no address, as behind a Unix socket; it is not loopback, and opens nothing."""


def client_ip(meta: Mapping[str, str], trusted_proxies: int) -> str:
    """The address of the client: the right-most one that none of our proxies vouches for.

    Each proxy appends the address that it was called from, so the last ``trusted_proxies`` entries are ours and true;
    everything to the left of them is what a stranger wrote. Without proxies the header says nothing. With fewer
    entries than proxies somebody came round them: the peer's own address counts. Source: RFC 7239, sections 7.4, 8.1.
    """
    peer = _parse(meta.get("REMOTE_ADDR", "")) or UNKNOWN
    entries = meta.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if not 0 < trusted_proxies <= len(entries):
        return peer
    return _parse(entries[-trusted_proxies]) or peer


def ip_of(request: HttpRequest) -> str:
    """What the middleware ``client_ip`` found out."""
    return getattr(request, "client_ip", UNKNOWN)


def bucket_of(ip: str) -> str:
    """What limits count as one caller: an address, and of IPv6 the 64 bits that one household is given."""
    address = ip_address(ip)
    return ip if address.version == 4 else str(ip_network((address, 64), strict=False))


def truncated(ip: str) -> str:
    """The address without what singles out a household: 24 bits of IPv4 are left, 48 of IPv6."""
    address = ip_address(ip)
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False).network_address)


@lru_cache(maxsize=1024)
def _parse(text: str) -> str:
    """An address in its usual form, out of one with brackets, port or zone; empty when it is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address: Address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address)
