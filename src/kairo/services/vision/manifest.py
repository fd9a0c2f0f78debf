"""What does the Vision bring into the program? Its entity types, pages, tables and places in the navigation."""

from pathlib import Path
from typing import Literal

from kairo.platform.manifests import EntityType, Manifest, Navigation, Texts
from kairo.services.vision import api, pages

FOLDER = Path(__file__).resolve().parent  # its templates/ and messages/ go to the page kit under the name `vision`


def _texts(ja: str, easy: str, en: str) -> Texts:
    return {"ja": ja, "ja-x-easy": easy, "en": en}


def _type(
    type: str, ja: str, easy: str, en: str, *searchable: str, data_class: Literal["open", "personal"] = "open"
) -> EntityType:
    return EntityType(type, data_class, _texts(ja, easy, en), searchable=searchable)


ENTITY_TYPES = (
    _type("City", "市", "市", "City", "name", "nameKana", "visionName"),
    _type("Municipality", "圏域の市町", "近くの 市と 町", "Municipality of the region", "name", "nameKana"),
    _type("District", "地域", "地域", "District", "name", "nameKana"),
    _type("Place", "場所", "場所", "Place", "name", "nameKana", "note"),
    _type("Organization", "事業者・団体", "会社や 団体", "Organisation", "name"),
    _type("Project", "重点プロジェクト", "プロジェクト", "Priority project", "name", "aim", "background"),
    _type("KeyPerformanceIndicator", "重要業績評価指標（KPI）", "目標の 数", "Key performance indicator", "name"),
    _type("KeyGoalIndicator", "重要目標達成指標（KGI）", "大きな 目標の 数", "Key goal indicator", "name"),
    _type("BudgetLine", "予算の事業", "予算で する こと", "Budget line", "name", "content", "department"),
    _type("StatisticalSeries", "統計の系列", "数字の ならび", "Statistical series", "name", "indicatorName"),
    _type("StatedFigure", "本文に示された数値", "文章の 中の 数字", "Figure given in a sentence", "name"),
    _type("SurveyResult", "アンケート結果", "アンケートの 結果", "Survey result", "name", "survey"),
    _type("GlossaryTerm", "用語", "ことば", "Glossary term", "name", "explanation"),
    _type("ResidentProfile", "想定する住民", "例の 人", "Pictured resident", data_class="personal"),
)

MANIFEST = Manifest(
    name="vision",
    title=_texts("スマートシティ推進ビジョン", "まちの 計画", "Smart City Vision"),
    purpose=_texts(
        "ビジョンの重点プロジェクト、指標、予算、21地域の人口を、だれもが見て、持ち帰れるようにする。",
        "市の 計画と 数字を、だれでも 見る ことが できます。",
        "Lets everyone see, and take along, the Vision’s projects, indicators, budget and the people of the 21 districts.",
    ),
    entity_types=ENTITY_TYPES,
    routes=(
        pages.show_projects,
        pages.show_project,
        pages.show_districts,
        pages.show_district,
        pages.show_indicators,
        pages.show_budget,
        api.every_kpi,
        api.project_kpis,
        api.every_district,
        api.district_people,
        api.indicator_table,
        api.budget_table,
    ),
    navigation=(
        Navigation("/projects", _texts("重点プロジェクト", "プロジェクト", "Projects"), 20),
        Navigation("/districts", _texts("21の地域", "21の 地域", "Districts"), 30),
        Navigation("/indicators", _texts("数字で見る", "数字で 見る", "In numbers"), 40),
    ),
)
