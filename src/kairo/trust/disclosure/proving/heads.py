"""What does a signed tree head say? That the log of a tenant had so many rows, and this root, at this moment: as JSON, signed.

    {"tenant": "352039", "size": 17, "at": "2026-04-01T00:00:00Z", "root": "<64 hex digits>", "key": "<16>", "signature": "<128>"}

What is signed are the bytes of the object without `signature`: UTF-8, no spaces, names in order.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from kairo.errors import BadRequestData
from kairo.platform.clock import iso
from kairo.trust.disclosure.proving.keys import SigningKey


@dataclass(frozen=True, slots=True)
class Head:
    """A signed tree head."""

    tenant: str
    size: int
    at: str
    root: bytes
    key: str
    signature: bytes

    @staticmethod
    def signed(tenant: str, size: int, at: datetime, root: bytes, key: SigningKey) -> "Head":
        """A new one."""
        unsigned = Head(tenant, size, iso(at), root, key.id, b"")
        return Head(tenant, size, unsigned.at, root, key.id, key.sign(unsigned.said()))

    @staticmethod
    def read(text: bytes) -> "Head":
        """What `json` wrote, or raises BadRequestData."""
        try:
            found: dict[str, Any] = orjson.loads(text)
            tenant, size, at, key = (found[name] for name in ("tenant", "size", "at", "key"))
            if not all(isinstance(one, str) for one in (tenant, at, key)) or not isinstance(size, int) or size < 0:
                raise ValueError("a value of another kind")
            return Head(tenant, size, at, bytes.fromhex(found["root"]), key, bytes.fromhex(found["signature"]))
        except (ValueError, KeyError, TypeError) as error:
            raise BadRequestData(
                "this is no signed tree head",
                detail_ja="署名付きツリーヘッドとして読めません。",
                mend="Give a file that the audit page or `kairo sign-log` wrote.",
            ) from error

    def said(self) -> bytes:
        """The bytes that are signed."""
        return orjson.dumps(self._named(), option=orjson.OPT_SORT_KEYS)

    def json(self) -> bytes:
        """The head as a file holds it."""
        whole = {**self._named(), "signature": self.signature.hex()}
        return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    def _named(self) -> dict[str, Any]:
        return {"tenant": self.tenant, "size": self.size, "at": self.at, "root": self.root.hex(), "key": self.key}
