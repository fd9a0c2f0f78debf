"""Does a document match, by CIM 009 4.9, in memory and in PostgreSQL alike?"""

from datetime import UTC, datetime

import pytest

from kairo.context.query import EntityQuery, Stamps, matches, parse_q

CAR = {
    "id": "urn:ngsi-ld:Car:1",
    "type": "Car",
    "speed": {
        "type": "Property",
        "value": 55,
        "unitCode": "KMH",
        "observedAt": "2026-04-01T00:00:00.5Z",
        "accuracy": {"type": "Property", "value": 0.5},
        "source": {"type": "Relationship", "object": "urn:ngsi-ld:Device:1"},
    },
    "load": [
        {"type": "Property", "value": 1},
        {"type": "Property", "value": 2, "datasetId": "urn:x:b", "observedAt": "2026-04-01T09:00:00+09:00"},
    ],
    "brand": {"type": "Property", "value": "Mercedes"},
    "note": {"type": "Property", "value": "say \"hi\"; (now) 'or' <never>"},
    "code": {"type": "Property", "value": "55"},
    "colors": {"type": "Property", "value": ["blue", "red", 7]},
    "nested": {"type": "Property", "value": [["deep", "2020-01-01"]]},
    "electric": {"type": "Property", "value": True},
    "nothing": {"type": "Property", "value": None},
    "address": {"type": "Property", "value": {"city": "山口市", "geo": {"floor": 2, "tags": ["a", "b"]}, "hole": None}},
    "stops": {"type": "Property", "value": [{"name": "A"}, {"name": "B"}]},
    "built": {"type": "Property", "value": {"@type": "DateTime", "@value": "2020-01-01T00:00:00Z"}},
    "seen": {"type": "Property", "value": "2020-01-01T09:00:00+09:00"},
    "badTime": {"type": "Property", "value": "2020-02-30T00:00:00Z"},
    "day": {"type": "Property", "value": {"@type": "Date", "@value": "2020-01-15"}},
    "opens": {"type": "Property", "value": "09:00:00Z"},
    "parked": {"type": "Relationship", "object": "urn:ngsi-ld:Parking:1"},
    "drivers": {"type": "Relationship", "object": ["urn:ngsi-ld:Person:1", "urn:ngsi-ld:Person:2"]},
    "route": {"type": "ListRelationship", "objectList": [{"object": "urn:ngsi-ld:Stop:1"}, {"object": "urn:ngsi-ld:Stop:2"}]},
    "name": {"type": "LanguageProperty", "languageMap": {"ja": "公園", "en": ["Park", "Garden"]}},
    "kind": {"type": "VocabProperty", "vocab": "https://example.org/Male"},
    "kinds": {"type": "VocabProperty", "vocab": ["https://example.org/Male", "Other"]},
    "ticket": {"type": "JsonProperty", "json": {"id": "85a6", "value": "Overstay 60 minutes"}},
    "list": {"type": "ListProperty", "valueList": [1, "two", [3]]},
    "odd name": {"type": "Property", "value": 1},
}
STAMPS = Stamps(
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 2, 1, tzinfo=UTC),
    None,
    {
        "speed": {"@none": ["2026-01-01T00:00:00Z", "2026-03-01T00:00:00.25Z"]},
        "secret": {"@none": ["2026-01-01T00:00:00Z"] * 2},
    },
)

MATCHING = [
    # existence
    "speed", "speed.accuracy", "speed.observedAt", "load.observedAt", "address[city]", "address[hole]", "name[ja]", "name[*]", "nothing",
    "!gone", "!speed.gone", "!address[gone]", "!name[fr]", "!stops[name]", "!parked[x]", "!brand[x]",
    # numbers
    "speed==55", "speed==55.0", "speed==5.5e1", "speed!=54", "speed>54.9", "speed>=55", "speed<56", "speed<=55", "speed==50..60",
    "speed!=60..70", "speed==1,55", "speed!=1,2", "speed.accuracy==0.5", "load==2", "load!=3", "load>1", "list==1",
    # texts
    'brand=="Mercedes"', 'brand!="Audi"', 'brand>"A"', 'brand=="A".."Z"', 'brand~="^Merc"', 'brand!~="^Audi"', 'speed.unitCode=="KMH"',
    r'note=="say \"hi\"; (now) ' + "'or' <never>\"", 'code=="55"', 'colors=="red"', "colors==7", 'colors!="green"', 'list=="two"',
    "electric==true", "electric!=false", 'ticket[value]=="Overstay 60 minutes"', 'address[geo.tags]=="b"', "address[geo.floor]==2",
    'address[city]=="山口市"',
    # types that differ are unequal
    'speed!="55"', "code!=55", "electric!=1", "nothing!=0", "address!=1", "brand!=1..2",
    # times
    "speed.observedAt==2026-04-01T00:00:00.500000Z", "speed.observedAt>2026-04-01T00:00:00Z", "speed.observedAt<2026-04-01T00:00:01Z",
    "load.observedAt==2026-04-01T00:00:00Z", "built==2020-01-01T00:00:00.0Z", "built<2020-01-01T00:00:00.000001Z",
    "seen==2020-01-01T00:00:00Z", "seen>=2019-12-31T23:59:59Z", 'built=="2020-01-01T00:00:00Z"', "day==2020-01-15",
    "day==2020-01-01..2020-01-31", "day!=2020-01-16", "opens>08:59:59.9Z", "opens==09:00:00", "badTime!=2020-02-28T00:00:00Z",
    "built==2020-01-01T00:00:00Z..2020-01-02T00:00:00Z", "nested!=2020-01-01", 'nested!="deep"',
    # relationships
    'parked=="urn:ngsi-ld:Parking:1"', "parked==urn:ngsi-ld:Parking:1", "parked!=urn:ngsi-ld:Parking:2", "drivers==urn:ngsi-ld:Person:2",
    "drivers!=urn:ngsi-ld:Person:3", "route==urn:ngsi-ld:Stop:2", "speed.source==urn:ngsi-ld:Device:1",
    # languages
    'name=="公園"', 'name=="Garden"', 'name[ja]=="公園"', 'name[en]=="Park"', 'name[*]=="Park"', 'name[ja]!="Park"', 'name!="Haus"',
    'name~="^公"', 'name[en]~="^Gar"', 'name>"Par"',
    # vocabularies
    'kind=="Male"', "kind==https://example.org/Male", 'kinds=="Other"', 'kind!="Other"', 'kind~="Male$"',
    # logic
    "speed>50;brand", "gone|speed", "(gone|speed);(brand|gone)", "gone;gone|speed",
    # system times
    "createdAt", "!expiresAt", "createdAt==2026-01-01T00:00:00Z", "modifiedAt>2026-01-15T00:00:00Z", "createdAt!=2026-01-02T00:00:00Z",
    "createdAt==2026-01-01T00:00:00Z..2026-01-02T00:00:00Z", "createdAt!=5", "speed.createdAt==2026-01-01T00:00:00Z",
    "speed.modifiedAt>2026-03-01T00:00:00Z", "speed.modifiedAt", "!brand.modifiedAt", "!secret.modifiedAt",
    "speed.modifiedAt!=2026-03-01T00:00:00Z", "createdAt<2026-02-01T00:00:00Z;speed==55|gone",
]  # fmt: skip

NOT_MATCHING = [
    "gone", "speed.gone", "address[gone]", "name[fr]", "!speed", "!address[hole]", "gone!=1", "address[gone]!=1", "name[fr]!=\"x\"",
    "stops[name]", "speed==54", "speed!=55", "speed>55", "speed<55", "speed==56..60", "speed!=50..60", "load==3", "load!=2",
    'speed=="55"', "code==55", "electric==1", "speed==true", "nothing==0", 'brand=="mercedes"', "brand>5", 'speed>"5"', "colors>5",
    'colors!="red"', "colors==1..9", 'colors~="re"', 'colors!~="x"', 'nested=="deep"', "nested==2020-01-01", 'speed~="5"', 'speed!~="x"', "list>0",
    'gone!~="x"', "badTime==2020-02-28T00:00:00Z", "badTime>2000-01-01T00:00:00Z", "badTime<2100-01-01T00:00:00Z",
    "speed.observedAt==2026-04-01", "speed.observedAt>2026-04-01", "built==2020-01-01", "day==2020-01-15T00:00:00Z", "opens>09:00:00Z",
    "opens==2020-01-01", 'parked>"a"', 'parked~="Parking"', 'parked!~="x"', "parked==1..2", "parked!=urn:ngsi-ld:Parking:1",
    "drivers!=urn:ngsi-ld:Person:2", "route!=urn:ngsi-ld:Stop:2", 'name[ja]=="Park"', 'name!="Park"', 'name[en]!="Garden"', 'kind!="Male"',
    'kind=="https://example.org/male"', "gone;speed", "(gone|speed);gone", "!createdAt", "expiresAt", "expiresAt!=2026-01-01T00:00:00Z",
    "createdAt>2026-01-01T00:00:00Z", 'createdAt~="2026"', 'createdAt!~="x"', 'createdAt=="2026-01-01T00:00:00Z"', "createdAt==2026-01-01",
    "speed.createdAt>2026-01-01T00:00:00Z", "brand.modifiedAt", "secret.modifiedAt", "secret.modifiedAt>2020-01-01T00:00:00Z",
    "secret.modifiedAt!=2020-01-01T00:00:00Z", "!speed.modifiedAt", "brand[length]",
]  # fmt: skip


@pytest.mark.parametrize("text", MATCHING)
def test_it_matches(terms, text):
    assert matches(parse_q(text, terms), CAR, STAMPS)


@pytest.mark.parametrize("text", NOT_MATCHING)
def test_it_does_not_match(terms, text):
    assert not matches(parse_q(text, terms), CAR, STAMPS)


@pytest.mark.parametrize("text", MATCHING)
def test_postgresql_matches(terms, trial, text):
    assert trial.holds(EntityQuery(q=parse_q(text, terms)), CAR, STAMPS)


@pytest.mark.parametrize("text", NOT_MATCHING)
def test_postgresql_does_not_match(terms, trial, text):
    assert not trial.holds(EntityQuery(q=parse_q(text, terms)), CAR, STAMPS)


def test_nothing_is_stored_is_no_match(terms):
    assert not matches(parse_q("createdAt", terms), CAR)
