"""Where is the register of personal information files? An open page in three languages, CSV for spreadsheets and JSON for programs."""

import csv
from dataclasses import replace
from io import StringIO
from typing import Any, Final

import orjson
from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from kairo.platform.handling import Texts
from kairo.platform.i18n import pick
from kairo.platform.manifests import Manifest
from kairo.platform.web import Kit, Page
from kairo.trust.consent.desk import ConsentDesk
from kairo.trust.rights.register.rules import EXCEPTIONS, LAW, LEAST_PERSONS, Entry, entries
from kairo.trust.roles.pages import labels_of

PATH: Final = "/personal-data-register"
_CSV: Final = "/api/personal-data-register.csv"
_JSON: Final = "/api/personal-data-register.json"
# The columns of the CSV: Japanese heading, and what stands there.
_COLUMNS: Final = (
    *("個人情報ファイルの名称", "行政機関等の名称・組織", "利用目的", "記録項目", "記録範囲", "収集方法"),
    *("要配慮個人情報", "経常的提供先", "閲覧する役割", "履歴の保存日数", "終了後の保存日数", "根拠"),
)

Parts = NamedDependency[SkipValidation[tuple[Manifest, ...]]]
Desk = NamedDependency[SkipValidation[ConsentDesk]]


@get(PATH, media_type=MediaType.HTML, permission="anyone")
async def show_register(
    kit: NamedDependency[SkipValidation[Kit]], page: NamedDependency[SkipValidation[Page]], manifests: Parts, consent: Desk
) -> str:
    """The register of personal information files."""
    found = _published(manifests, consent)
    t = kit.catalogue.translate
    frame = replace(
        page, title=t(page.language, "rights.register.title"), lead=t(page.language, "rights.register.lead"), wide=True
    )
    labels = labels_of(kit, page, {item.name for one in found for item in one.items})
    return kit.render(
        "rights/register.html",
        frame,
        found=found,
        labels=labels,
        law=LAW,
        exceptions=EXCEPTIONS,
        least=LEAST_PERSONS,
        csv=_CSV,
        json=_JSON,
    )


@get(_CSV, permission="anyone")
async def get_csv(manifests: Parts, consent: Desk) -> Response[bytes]:
    """The register as CSV in Japanese, UTF-8 with a byte order mark."""
    text = StringIO()
    rows = ([*_row(one)] for one in _published(manifests, consent))
    csv.writer(text, lineterminator="\r\n").writerows([_COLUMNS, *rows])
    headers = {"content-disposition": 'attachment; filename="personal-data-register.csv"'}
    return Response(b"\xef\xbb\xbf" + text.getvalue().encode(), media_type="text/csv; charset=utf-8", headers=headers)


@get(_JSON, permission="anyone")
async def get_json(manifests: Parts, consent: Desk) -> Response[bytes]:
    """The register as JSON, in all languages."""
    body = orjson.dumps([_said(one) for one in _published(manifests, consent)], option=orjson.OPT_INDENT_2)
    return Response(body, media_type="application/json")


def _published(manifests: tuple[Manifest, ...], consent: ConsentDesk) -> list[Entry]:
    """Those that no exception leaves out."""
    return [one for one in entries(manifests, consent.purposes.all()) if not one.exception]


def _row(one: Entry) -> tuple[str, ...]:
    def ja(texts: Texts) -> str:
        return str(pick(texts, "ja"))

    recipients = [
        f"{ja(each.title) if each.title else '本人が選んだ人'}（{ja(each.purpose)}・本人の同意）" for each in one.recipients
    ]
    return (
        ja(one.title), ja(one.office), "、".join(map(ja, one.purposes)), "、".join(item.name for item in one.items), "、".join(one.about),
        ja(one.collected), "含む" if one.is_sensitive else "含まない", "、".join(recipients) or "なし", "、".join(map(ja, one.roles)) or "なし",
        _days(one.history_days), _days(one.kept_days), LAW,
    )  # fmt: skip


def _days(days: float | None) -> str:
    return "期限なし" if days is None else f"{days:g}"


def _said(one: Entry) -> dict[str, Any]:
    return {
        "type": one.type, "title": one.title, "controller": one.controller, "office": one.office, "purposes": one.purposes,
        "roles": one.roles, "items": [{"name": item.name, "category": item.category} for item in one.items], "about": one.about,
        "collected": one.collected, "sensitive": one.is_sensitive,
        "recipients": [{"principal": each.principal, "purpose": each.purpose, "title": each.title, "basis": "consent"} for each in one.recipients],
        "historyDays": one.history_days, "keptDays": one.kept_days, "law": LAW,
    }  # fmt: skip


ROUTES = (show_register, get_csv, get_json)
