"""What does sensing declare? Sensors and vehicles as open entity types, and the stream of live values."""

from kairo.capabilities.sensing.stream import live_stream
from kairo.platform.manifests import EntityType, Manifest

SENSOR = EntityType(
    type="Sensor",
    data_class="open",
    title={"ja": "センサー", "ja-x-easy": "センサー（はかる きかい）", "en": "Sensor"},
    searchable=("name",),
    synthetic_history_hours=2,
)
VEHICLE = EntityType(
    type="Vehicle",
    data_class="open",
    title={"ja": "車両", "ja-x-easy": "くるま（バスなど）", "en": "Vehicle"},
    searchable=("name",),
    synthetic_history_hours=2,
)
MANIFEST = Manifest(
    name="sensing",
    title={"ja": "センシング", "ja-x-easy": "センサー", "en": "Sensing"},
    purpose={
        "ja": "川の水位や雨量、バスの位置などの今の値を届けます。",
        "ja-x-easy": "川（かわ）の 水（みず）の 高（たか）さや、バスの 場所（ばしょ）を つたえます。",
        "en": "Current values: river levels, rain, where the buses are.",
    },
    entity_types=(SENSOR, VEHICLE),
    routes=(live_stream,),
)
