"""What does health declare? The vital signs that a resident measures at home; pages and advice come with the service itself."""

from kairo.platform.handling import DataCategory, Filing
from kairo.platform.manifests import Concerns, EntityType, Manifest, attributes

VITAL_SIGNS = EntityType(
    "VitalSigns",
    "personal",
    {"ja": "毎日の健康の記録", "ja-x-easy": "毎日《まいにち》の 体《からだ》の きろく", "en": "Vital signs"},
    attributes=attributes(
        person="Relationship!",
        heartRate="number BPM",
        systolicBloodPressure="number HN",
        diastolicBloodPressure="number HN",
        stepCount="number",
        synthetic="boolean",
    ),
    subjects=(Concerns("person", "person"),),
    # What someone measures at home is no result of a medical examination (個人情報保護法施行令 2条2号), yet it is handled like one.
    category=DataCategory.SENSITIVE,
    history_days=3 * 365,
    filing=Filing(
        {"ja": "健康増進課", "ja-x-easy": "健康《けんこう》の 課《か》", "en": "Health promotion division"},
        {
            "ja": "本人が家で測って登録",
            "ja-x-easy": "あなたが 家《いえ》で はかった もの",
            "en": "Measured at home and entered by the person",
        },
        kept_days=365,
    ),
)

MANIFEST = Manifest(
    name="health",
    title={"ja": "健康", "ja-x-easy": "体《からだ》と 健康《けんこう》", "en": "Health"},
    purpose={
        "ja": "家で測った血圧や脈拍を、本人が選んだ人と分かち合います。",
        "ja-x-easy": "家《いえ》で はかった 血圧《けつあつ》や 脈《みゃく》を、あなたが えらんだ 人《ひと》に 見《み》せます。",
        "en": "Blood pressure and pulse measured at home, shared with whom the resident chooses.",
    },
    entity_types=(VITAL_SIGNS,),
)
