"""Is an address of the inside refused however it is written, and a public one not?"""

import pytest

from kairo.platform.http.addresses import is_allowed, literal, networks


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.1",
     "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
     "[::1]", "[::]", "[fe80::1%eth0]", "[fec0::1]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "[100::1]", "[2001:db8::1]",
     "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::10.0.0.1]",
     "[2002:7f00:1::]", "[2002:c0a8:101::1]", "[2001:0:7f00:1::]"],
)  # fmt: skip
def test_the_inside_is_refused(host: str) -> None:
    address = literal(host)
    assert address is not None
    assert not is_allowed(address, ())


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "[2606:4700::1111]", "[::ffff:8.8.8.8]", "[64:ff9b::8.8.8.8]", "[2002:808:808::1]"]
)
def test_the_public_is_not(host: str) -> None:
    address = literal(host)
    assert address is not None
    assert is_allowed(address, ())


def test_a_listed_network_is_allowed_and_no_other() -> None:
    allowed = networks(["10.1.0.0/16", "fd00::/8"])
    for host, expected in (
        ("10.1.2.3", True),
        ("10.2.0.1", False),
        ("fd00::1", True),
        ("::ffff:10.1.2.3", True),
        ("::1", False),
    ):
        address = literal(host)
        assert address is not None
        assert is_allowed(address, allowed) is expected, host
