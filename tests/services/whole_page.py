"""What does every page of a service hold to? One heading, each id once, no inline style, few queries, links that stay in its language."""

import re
from typing import Any

LANGUAGES = ("ja", "ja-x-easy", "en")
_TEXTURES = frozenset(f"kairo-texture-{number}" for number in range(2, 7))  # the same in each chart


def whole_page(client: Any, graph: Any, address: str, most_queries: int, *elsewhere: str) -> str:
    """The HTML at this address; `elsewhere` begins what links may lead to outside of the languages."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text[-800:]
    assert answer.headers["content-type"].startswith("text/html")
    assert graph.asked <= most_queries
    html = str(answer.text)
    assert html.count("<h1") == 1
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert not {each for each in ids if ids.count(each) > 1} - _TEXTURES
    assert "style=" not in html
    for link in re.findall(r'(?:href|action)="(/[^"#]*)"', html):
        assert link.startswith((*(f"/{tag}" for tag in LANGUAGES), "/static", *elsewhere)), link
    return html
