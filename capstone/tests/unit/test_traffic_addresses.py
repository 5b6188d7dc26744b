"""Where a request comes from: what a stranger writes into a header is not believed."""

from __future__ import annotations

import pytest

from staybook.traffic.addresses import bucket_of, client_ip, truncated

PEER = "198.51.100.9"


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (0, "", PEER),
        (0, "192.0.2.1", PEER),
        (0, "192.0.2.1, 192.0.2.2", PEER),
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "10.9.9.9, 192.0.2.1", "192.0.2.1"),
        (1, "10.9.9.9, 127.0.0.1,192.0.2.1 ", "192.0.2.1"),
        (2, "10.9.9.9, 192.0.2.1, 192.0.2.2", "192.0.2.1"),
        (2, "192.0.2.1", PEER),
        (1, "", PEER),
        (1, "unknown", PEER),
        (1, "192.0.2.1, _hidden", PEER),
        (1, "192.0.2.1:4711", "192.0.2.1"),
        (1, '"[2001:db8::1]:4711"', "2001:db8::1"),
        (1, "2001:DB8:0:0::1", "2001:db8::1"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "::ffff:192.0.2.1", "192.0.2.1"),
        (1, "999.0.2.1", PEER),
    ],
)
def test_the_right_most_address_that_no_proxy_of_ours_vouches_for(proxies, header, expected):
    meta = {"REMOTE_ADDR": PEER} | ({"HTTP_X_FORWARDED_FOR": header} if header else {})

    assert client_ip(meta, proxies) == expected


@pytest.mark.parametrize("peer", ["", "unix:", None])
def test_no_address_is_not_loopback(peer):
    assert client_ip({} if peer is None else {"REMOTE_ADDR": peer}, 0) == "0.0.0.0"


def test_a_household_counts_as_one_caller():
    assert bucket_of("192.0.2.1") == "192.0.2.1"
    assert bucket_of("2001:db8:1:2:3::4") == bucket_of("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert bucket_of("2001:db8:1:3::") != bucket_of("2001:db8:1:2::")


@pytest.mark.parametrize(
    ("ip", "kept"),
    [("192.0.2.129", "192.0.2.0"), ("2001:db8:1:2:3::4", "2001:db8:1::"), ("0.0.0.0", "0.0.0.0")],
)
def test_24_bits_of_ipv4_are_kept_and_48_of_ipv6(ip, kept):
    assert truncated(ip) == kept
    assert truncated(kept) == kept
