"""With which sample data does the preview show the parts? The places are real, every figure is made up; the page says so."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from kairo.platform.web.charts import AgeGroup, Bars, Columns, Line, Long, Pyramid, Series, Target
from kairo.platform.web.overview import Place

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
_YEARS = tuple(f"{year}年" for year in range(2000, 2046, 5))


def sample() -> dict[str, Any]:
    """What the preview's template shows."""
    ages = [f"{start}–{start + 4}" for start in range(0, 85, 5)] + ["85以上"]
    male = [3.5, 4.0, 4.4, 4.9, 5.2, 4.4, 4.3, 4.9, 5.6, 6.4, 7.1, 6.0, 5.7, 5.9, 6.6, 6.9, 4.3, 5.1]
    female = [3.3, 3.8, 4.2, 4.8, 5.0, 4.4, 4.4, 5.1, 5.9, 6.7, 7.4, 6.3, 6.1, 6.5, 7.4, 8.3, 5.8, 10.2]
    return {
        "now": NOW,
        "population": Line(
            id="population",
            title="年齢3区分別人口の推移と推計",
            x=_YEARS,
            series=(
                Series("15～64歳", (128.0, 125.5, 120.4, 115.1, 111.2, 107.0, 102.4, 97.1, 90.6, 86.0), 5),
                Series("65歳以上", (37.5, 42.0, 46.6, 53.2, 56.9, 58.3, 58.8, 59.6, 61.4, 61.0), 5),
                Series("0～14歳", (29.4, 28.0, 26.9, 26.0, 24.5, 22.1, 20.2, 19.0, 18.1, 17.2), 5),
            ),
            unit="千人",
            x_title="年",
            description="働き手にあたる15～64歳は2000年から減り続け、2045年には8万6千人になる見込みです。",
            source="見本のための合成データ",
        ),
        "one_line": Line(
            id="visits",
            title="窓口の待ち時間",
            x=tuple(f"{month}月" for month in range(4, 12)),
            unit="分",
            series=(Series("待ち時間", (24, 18, 16, None, 15, 12, 11, 9)),),
            from_zero=True,
        ),
        "bars": Bars(
            id="districts",
            title="地域別の避難マイプラン作成数",
            unit="件",
            item_title="地域",
            highlight="平川",
            items=(
                ("大殿", 412),
                ("白石", 655),
                ("湯田", 580),
                ("平川", 731),
                ("大歳", 498),
                ("小郡", 902),
                ("阿知須", 341),
                ("徳地", 187),
            ),
            description="平川地域は小郡地域に次いで2番目に多い地域です。",
        ),
        "grouped": Columns(
            id="buses",
            title="コミュニティバスの利用者",
            unit="千人",
            x=("2021年", "2022年", "2023年", "2024年", "2025年"),
            x_title="年度",
            series=(("定時定路線", (61, 64, 70, 74, 79)), ("予約型", (8, 12, 19, 27, 36))),
        ),
        "stacked": Columns(
            id="energy",
            title="公共施設の電力の内訳",
            unit="MWh",
            mode="stacked",
            x=("春", "夏", "秋", "冬"),
            x_title="季節",
            series=(("太陽光", (320, 410, 280, 190)), ("蓄電池", (80, 120, 90, 60)), ("系統電力", (540, 760, 560, 880))),
        ),
        "long": Long(
            id="river",
            title="川の水位（10分ごと）",
            unit="m",
            x_title="日時",
            times=tuple(NOW + timedelta(minutes=10 * n) for n in range(-1440, 0)),
            series=(
                (
                    "水位",
                    tuple(
                        round(0.8 + 0.2 * math.sin(n / 60) + 2.4 * math.exp(-(((n - 900) / 60) ** 2)), 2) for n in range(1440)
                    ),
                ),
            ),
            description="11月18日ごろの大雨で、水位が3メートルを超えました。",
        ),
        "pyramid": Pyramid(
            id="pyramid",
            title="人口ピラミッド（2025年）",
            unit="千人",
            groups=tuple(AgeGroup(age, m, f) for age, m, f in zip(ages, male, female, strict=True)),
        ),
        "targets": (
            Target(
                id="kpi-1",
                title="オンラインで手続が終わる割合",
                baseline=("2020年", 12.0),
                targets=(("2024年", 50.0), ("2027年", 80.0)),
                now=("2025年10月", 57.5),
                unit="%",
            ),
            Target(
                id="kpi-2",
                title="市民一人あたりの温室効果ガス排出量",
                baseline=("2018年", 9.2),
                targets=(("2024年", 7.0), ("2027年", 6.1)),
                now=("2025年", 7.4),
                unit="t",
            ),
            Target(
                id="kpi-3",
                title="地域の見守りにデジタル技術を使う地域",
                baseline=("2021年", "0地域"),
                targets=(("2024年", "モデル地域で実証"), ("2027年", "全21地域で実施")),
            ),
        ),
        "places": (
            Place(
                id="urn:p:1",
                label="山口市民会館",
                longitude=131.4741,
                latitude=34.1785,
                text="中央二丁目・収容 180人",
                kind=1,
                href="#p1",
            ),
            Place(
                id="urn:p:2",
                label="湯田地域交流センター",
                longitude=131.4570,
                latitude=34.1621,
                text="湯田温泉五丁目・収容 90人",
                kind=1,
            ),
            Place(id="urn:p:3", label="平川小学校", longitude=131.4640, latitude=34.1446, text="平井・収容 320人", kind=2),
            Place(
                id="urn:p:4",
                label="小郡地域交流センター",
                longitude=131.3963,
                latitude=34.0965,
                text="小郡下郷・収容 150人",
                kind=1,
            ),
            Place(id="urn:p:5", label="阿知須小学校", longitude=131.3671, latitude=34.0104, text="阿知須・収容 240人", kind=2),
            Place(id="urn:p:6", label="徳地体育館", longitude=131.6533, latitude=34.1760, text="徳地堀・収容 120人", kind=2),
            Place(id="urn:p:7", label="巡回相談車", text="位置は当日お知らせします", kind=3),
        ),
    }
