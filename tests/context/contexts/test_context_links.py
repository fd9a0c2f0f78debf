"""The Link header: which @context it names, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.context.contexts import link_header, parse_link_context
from kairo.errors import BadRequestData

REL = 'rel="http://www.w3.org/ns/json-ld#context"'


@pytest.mark.parametrize(
    ("header", "url"),
    [
        (None, None),
        ("", None),
        (" , ", None),
        (f'<https://a.jp/c.jsonld>; {REL}; type="application/ld+json"', "https://a.jp/c.jsonld"),
        (f"<https://a.jp/c>;{REL}", "https://a.jp/c"),
        (f"< https://a.jp/c > ; {REL} ;", "https://a.jp/c"),
        ("<https://a.jp/c>; rel=http://www.w3.org/ns/json-ld#context", "https://a.jp/c"),
        (f'<https://a.jp/a,b;c>; title="x, \\"y\\" <z>"; {REL}', "https://a.jp/a,b;c"),
        ('<https://a.jp/c>; REL="next http://www.w3.org/ns/json-ld#context"', "https://a.jp/c"),
        ('<https://a.jp/c>; rel=next; rel="http://www.w3.org/ns/json-ld#context"', None),
        (f"</next>; rel=next, <http://b.jp:8080/c>; {REL}, </last>; rel=last", "http://b.jp:8080/c"),
        (f'<https://a.jp/c>; {REL}; anchor="#x"', None),
        ("<https://a.jp/c>", None),
    ],
)
def test_links(header, url):
    assert parse_link_context(header) == url


@pytest.mark.parametrize(
    "header",
    [
        f"<https://a.jp/1>; {REL}, <https://a.jp/2>; {REL}",
        f"<https://a.jp/1>; {REL}, <https://a.jp/1>; {REL}",
        f"</c.jsonld>; {REL}",
        f"<ftp://a.jp/c>; {REL}",
        f"<https://>; {REL}",
        f"<https://a b/c>; {REL}",
        f"<javascript:alert(1)>; {REL}",
        f"https://a.jp/c; {REL}",
        f"<https://a.jp/c; {REL}",
        f'<https://a.jp/c>; rel="open; {REL}x',
        "<" + "x" * 9000,
    ],
)
def test_unreadable_links_are_refused(header):
    with pytest.raises(BadRequestData):
        parse_link_context(header)


@given(st.text(st.sampled_from('<>;,="\\ \ta/:h#\ud800\x00'), max_size=40) | st.text(max_size=40))
def test_any_header_is_read_or_refused(text):
    for header in (text, f"<https://a.jp/{text}>; {REL}", f"<https://a.jp>; {text}; {REL}"):
        try:
            url = parse_link_context(header)
        except BadRequestData:
            continue
        assert url is None or (url.startswith(("http://", "https://")) and not set(url) & set('<>" \t\x00\r\n'))


def test_what_is_written_is_read():
    assert parse_link_context(link_header("https://a.jp/c?x=1,2;3")) == "https://a.jp/c?x=1,2;3"
