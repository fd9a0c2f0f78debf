"""What does sensing declare? Sensors and vehicles as open entity types, and the stream of live values."""

from kairo.capabilities.sensing.stream import live_stream
from kairo.platform.manifests import EntityType, Manifest, attributes

SENSOR = EntityType(
    type="Sensor",
    data_class="open",
    title={"ja": "センサー", "ja-x-easy": "センサー（はかる きかい）", "en": "Sensor"},
    searchable=("name",),
    synthetic_history_hours=2,
    attributes=attributes(
        name="LanguageProperty!",
        sensorKind="text",
        measures="text",
        district="Relationship",
        location="Point",
        synthetic="boolean",
        waterLevel="number MTR",
        rainfall="number H67",
        peopleCount="number C62",
        generatedPower="number KWT",
        soilMoisture="number P1",
    ),
)
VEHICLE = EntityType(
    type="Vehicle",
    data_class="open",
    title={"ja": "車両", "ja-x-easy": "くるま（バスなど）", "en": "Vehicle"},
    searchable=("name",),
    synthetic_history_hours=2,
    attributes=attributes(
        name="LanguageProperty!",
        vehicleKind="text",
        location="Point",
        speed="number KMH",
        heading="number DD",
        synthetic="boolean",
    ),
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
