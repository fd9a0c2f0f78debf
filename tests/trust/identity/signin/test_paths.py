"""Does signing in lead to pages of this site only?"""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kairo.trust.identity.signin.paths import own_path

SITE = "https://city.example"


@pytest.mark.parametrize("path", ["/", "/me", "/me/mandates?id=1#x", "/ja/me", "/console/people?name=%E5%B1%B1", "/a:b"])
def test_pages_of_this_site(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "me",
        "//elsewhere.example",
        "///elsewhere.example",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "/\t/elsewhere.example",
        "/\n/elsewhere.example",
        "https://elsewhere.example/",
        "https:elsewhere.example",
        "javascript:alert(1)",
        "data:text/html,x",
        " /me",
        "/me//elsewhere.example",
        "/ja//elsewhere.example",
        "/[",
        "/" + "x" * 3000,
    ],
)
def test_elsewhere(path: str) -> None:
    assert own_path(path) == ("/[" if path == "/[" else "/me")


@given(st.text(st.sampled_from("/\\\t\n\r .:@?#%[]aj2f5c"), max_size=12))
@example("/\x0b/x")
def test_whatever_is_asked_a_browser_stays_here(path: str) -> None:
    """A browser drops tabs and line ends, and reads backslashes as slashes, before it resolves an address (WHATWG URL)."""
    led = own_path(path)
    read = "".join(sign for sign in led if sign not in "\t\n\r").replace("\\", "/").strip()
    landed = urlsplit(urljoin(SITE, read))
    assert f"{landed.scheme}://{landed.netloc}" == SITE
