"""What does the Vision bring into the program? Its entity types, pages, tables and places in the navigation."""

from pathlib import Path

from kairo.platform.handling import DataCategory, Filing
from kairo.platform.manifests import EntityType, Manifest, Navigation, Texts, attributes
from kairo.services.vision import api, pages

FOLDER = Path(__file__).resolve().parent  # its templates/ and messages/ go to the page kit under the name `vision`


def _texts(ja: str, easy: str, en: str) -> Texts:
    return {"ja": ja, "ja-x-easy": easy, "en": en}


def _type(type: str, ja: str, easy: str, en: str, *searchable: str, **said: str) -> EntityType:
    declared = attributes(**EVERYWHERE, **said)
    return EntityType(type, "open", _texts(ja, easy, en), searchable=searchable, attributes=declared)


EVERYWHERE = {"name": "LanguageProperty!", "source": "JsonProperty"}
KANA = {"nameKana": "text"}
SOMEWHERE = {
    "location": "Point", "locationApproximate": "boolean", "locationBasis": "JsonProperty", "locationSource": "text",
}  # fmt: skip
NOTE, UNIT, POSITION = {"note": "LanguageProperty"}, {"unit": "LanguageProperty"}, {"position": "integer"}

ENTITY_TYPES = (
    _type(
        "City", "市", "市", "City", "name", "nameKana", "visionName", **KANA, **SOMEWHERE, **NOTE, code="text",
        visionName="LanguageProperty", visionPeriod="JsonProperty", populationGoal="JsonProperty",
        chartsWithoutNumbers="JsonProperty",
    ),
    _type(
        "Municipality", "圏域の市町", "近くの 市と 町", "Municipality of the region", "name", "nameKana",
        **KANA, **SOMEWHERE, **NOTE, code="text!", prefecture="LanguageProperty",
    ),
    _type(
        "District", "地域", "地域", "District", "name", "nameKana", **KANA, **SOMEWHERE, **POSITION, city="Relationship",
        formerTown="JsonProperty", areas="JsonProperty",
    ),
    _type(
        "Place", "場所", "場所", "Place", "name", "nameKana", "note", **KANA, **SOMEWHERE, **NOTE, kind="text",
        namedIn="JsonProperty", townKnownFrom="text", district="Relationship", projects="Relationship",
        solarAndBatteryFiscalYear="integer",
    ),
    _type(
        "Organization", "事業者・団体", "会社や 団体", "Organisation", "name", roles="JsonProperty", projects="Relationship",
        namedFor="JsonProperty", councilSeats="JsonProperty",
    ),
    _type(
        "Project", "重点プロジェクト", "プロジェクト", "Priority project", "name", "aim", "background", **NOTE, number="integer!",
        priorityArea="JsonProperty", field="LanguageProperty", aim="LanguageProperty", background="LanguageProperty",
        period="JsonProperty", targetGroups="JsonProperty", measures="JsonProperty", departments="JsonProperty",
        measureGroups="JsonProperty", steps="JsonProperty", services="JsonProperty", earlierWork="JsonProperty",
        relatedPlans="JsonProperty", targetPlace="LanguageProperty", alsoWritten="text", districtsInTalks="JsonProperty",
        districts="Relationship", budgetFiscalYear="integer", budgetPrintedThousandYen="integer", budgetSections="JsonProperty",
        budgetNote="LanguageProperty",
    ),
    _type(
        "KeyPerformanceIndicator", "重要業績評価指標（KPI）", "目標の 数", "Key performance indicator", "name", **UNIT, **NOTE,
        code="text!", project="Relationship!", baseline="number", baselineWritten="text", baselineFiscalYear="integer",
        target2024="number", target2024Written="text", target2027="number", target2027Written="text", direction="text",
        targetBelowBaseline="boolean", alsoInProject="Relationship",
    ),
    _type(
        "KeyGoalIndicator", "重要目標達成指標（KGI）", "大きな 目標の 数", "Key goal indicator", "name", **UNIT, **NOTE, **POSITION,
        target="number", targetWritten="text", comparison="text", targetFiscalYear="integer",
    ),
    _type(
        "BudgetLine", "予算の事業", "予算で する こと", "Budget line", "name", "content", "department", **NOTE, **POSITION,
        project="Relationship!", currency="text", fiscalYear="integer!", amountThousandYen="integer", amountWritten="text",
        department="text", repeated="boolean", section="text", measure="text", content="LanguageProperty",
    ),
    _type(
        "StatisticalSeries", "統計の系列", "数字の ならび", "Statistical series", "name", "indicatorName", **UNIT, **NOTE, **POSITION,
        indicator="text!", measure="text", indicatorName="LanguageProperty", observations="JsonProperty!",
        refArea="Relationship", otherArea="LanguageProperty", sex="text", ageGroup="text", mode="text", certainty="text",
        changePoints="number", fiscalYears="boolean",
    ),
    _type(
        "StatedFigure", "本文に示された数値", "文章の 中の 数字", "Figure given in a sentence", "name", **UNIT, **POSITION,
        figure="number", year="integer", written="text", comparison="text", approximate="boolean",
    ),
    _type(
        "SurveyResult", "アンケート結果", "アンケートの 結果", "Survey result", "name", "survey", **UNIT, **NOTE, **POSITION,
        survey="LanguageProperty", published="text", measure="text", rank="integer", score="number", meanScore="number",
    ),
    _type(
        "GlossaryTerm", "用語", "ことば", "Glossary term", "name", "explanation", explanation="LanguageProperty!", footnote="text",
    ),
    EntityType(
        "ResidentProfile", "personal", _texts("想定する住民", "例の 人", "Pictured resident"),
        attributes=attributes(
            **EVERYWHERE, **NOTE, synthetic="boolean!", age="integer", household="LanguageProperty",
            householdOtherAges="JsonProperty", situation="LanguageProperty", needs="JsonProperty", smartphoneUse="text",
            district="Relationship", districtAssumed="boolean", projects="Relationship",
        ),
        category=DataCategory.PERSONAL, categories={"situation": DataCategory.SENSITIVE},
        filing=Filing(
            _texts("デジタル推進課", "デジタルの 課《か》", "Digital promotion division"),
            _texts("ビジョンから", "ビジョンから", "From the Vision"), exception="fictional",
        ),
    ),
)  # fmt: skip

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
