"""How does a page hear of live values? Server-sent events at /live, of what everyone may read."""

from collections.abc import AsyncIterator

import orjson
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation
from litestar.response import Stream

from kairo.capabilities.sensing.live import LiveHub
from kairo.errors import BadRequestData

Hub = NamedDependency[SkipValidation[LiveHub]]
NAMES_MOST = 200


def _names(text: str, parameter: str) -> frozenset[str]:
    names = frozenset(part for part in text.split(",") if part)
    if len(names) > NAMES_MOST:
        raise BadRequestData(
            f"{parameter} has more than {NAMES_MOST} names", detail_ja=f"{parameter} は{NAMES_MOST}件以内です。"
        )
    return names


@get("/live", permission="read open data")
async def live_stream(live: Hub, types: FromQuery[str] = "", ids: FromQuery[str] = "") -> Stream:
    """Updates of entities of the given types or ids, as `data:` lines of JSON lists; a comment every 15 seconds."""
    wanted_types, wanted_ids = _names(types, "types"), _names(ids, "ids")
    if not wanted_types and not wanted_ids:
        raise BadRequestData("name types or ids to hear of", detail_ja="types か ids を指定してください。")

    async def messages() -> AsyncIterator[bytes]:
        yield b"retry: 3000\n: open\n\n"
        async for updates in live.listen(wanted_types, wanted_ids):
            yield b"data: " + orjson.dumps(updates) + b"\n\n" if updates else b": here\n\n"

    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return Stream(messages(), media_type="text/event-stream", headers=headers)
