"""Which page of a query is asked for, and where are the others? (CIM 009 5.5.9, 6.3.10, 6.3.13)"""

from collections.abc import Mapping
from urllib.parse import urlencode

from kairo.context.api.exchange import flag, options_of
from kairo.errors import BadRequestData
from kairo.platform.http import Request

DEFAULT_LIMIT = 20


def read_paging(paging: Mapping[str, str], most: int) -> tuple[int, int]:
    """Limit and offset. `most`: the largest page of this installation."""
    limit = _whole(paging, "limit", DEFAULT_LIMIT)
    offset = _whole(paging, "offset", 0)
    if limit == 0 and not counts(paging):
        raise BadRequestData(
            "limit=0 is for counting: it needs count=true (6.3.13)", detail_ja="limit=0 は count=true と使います。"
        )
    if limit > most:
        raise BadRequestData(
            f"limit is at most {most}, not {limit}",
            detail_ja=f"limit は{most}以下です。",
            mend="Follow the next link instead.",
        )
    if offset and "after" in paging:
        raise BadRequestData("offset and after exclude each other", detail_ja="offset と after は同時に使えません。")
    return limit, offset


def counts(paging: Mapping[str, str]) -> bool:
    """Whether the number of all results is asked for."""
    return flag(paging, "count") or "count" in options_of(paging)


def page_links(
    request: Request, paging: Mapping[str, str], media_type: str, after: str | None, offset: int, limit: int
) -> list[tuple[bytes, bytes]]:
    """Links to the next and, with offset, the previous page (6.3.10)."""
    links: list[tuple[bytes, bytes]] = []
    kept = {name: value for name, value in paging.items() if name not in {"offset", "after"}}
    pages: list[tuple[str, dict[str, str]]] = []
    if after is not None:
        pages.append(("next", {"offset": str(offset + limit)} if "offset" in paging else {"after": after}))
    if offset:
        pages.append(("prev", {"offset": str(max(0, offset - limit))}))
    for relation, position in pages:
        target = f"{request.path}?{urlencode({**kept, **position})}"
        links.append((b"link", f'<{target}>;rel="{relation}";type="{media_type}"'.encode()))
    return links


def next_part(request: Request, paging: Mapping[str, str], media_type: str, part: str) -> tuple[bytes, bytes]:
    """The link to the next part of an answer about the past that was cut: the same page, behind the last instance shown."""
    target = f"{request.path}?{urlencode({**paging, 'afterInstance': part})}"
    return b"link", f'<{target}>;rel="next";type="{media_type}"'.encode()


def _whole(paging: Mapping[str, str], name: str, default: int) -> int:
    text = paging.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise BadRequestData(f"{name} is a whole number, not {text[:40]!r}", detail_ja=f"{name} は0以上の整数です。")
    return int(text)
