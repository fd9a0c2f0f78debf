"""What is there to ask for? Entity types and attributes in use (CIM 009 5.7.5 to 5.7.10, 6.25 to 6.28), as the asker may know them."""

from typing import Any

from kairo.context.api.exchange import Desk, answer_headers, flag
from kairo.context.api.negotiation import LD_JSON, answer_type
from kairo.context.contexts import TermMap, iri_of
from kairo.context.gate import Scope
from kairo.context.model.jsontext import dumps
from kairo.context.model.render import context_of
from kairo.context.query.in_use import attributes_in_use, types_in_use
from kairo.errors import ResourceNotFound
from kairo.platform.http import Request, Response


class Discovery:
    """Handlers of the discovery operations. What they count is what the scope may read, nothing else."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def types(self, request: Request) -> Response:
        """GET /types: an EntityTypeList, or with details=true a list of EntityType."""
        scope, terms, media_type = await self._asked(request)
        found = await self._attributes_by_type(scope)
        names = sorted(found, key=terms.compact)
        if not flag(request.query, "details"):
            value: Any = {
                "id": "urn:ngsi-ld:EntityTypeList:1",
                "type": "EntityTypeList",
                "typeList": [terms.compact(name) for name in names],
            }
            return _answer(request, value, terms, media_type, scope)
        value = [
            {
                "id": iri_of(name),
                "type": "EntityType",
                "typeName": terms.compact(name),
                "attributeNames": sorted(terms.compact(attribute) for attribute in found[name]),
            }
            for name in names
        ]
        return _answer(request, value, terms, media_type, scope)

    async def type_info(self, request: Request) -> Response:
        """GET /types/{type}: an EntityTypeInfo."""
        scope, terms, media_type = await self._asked(request)
        name = terms.expand(request.path_values["type"])
        rows = await types_in_use(self._desk.graph.database, scope, self._desk.graph.clock())
        number = sum(row["number"] for row in rows if name in row["type_key"].split(" "))
        if not number:
            raise ResourceNotFound("no entity that you may read has this type", detail_ja="この型のエンティティはありません。")
        attributes = (await self._attributes_by_type(scope)).get(name, {})
        value = {
            "id": iri_of(name),
            "type": "EntityTypeInfo",
            "typeName": terms.compact(name),
            "entityCount": number,
            "attributeDetails": [
                {
                    "id": iri_of(attribute),
                    "type": "Attribute",
                    "attributeName": terms.compact(attribute),
                    "attributeTypes": sorted(kinds),
                }
                for attribute, (_, kinds) in sorted(attributes.items())
            ],
        }
        return _answer(request, value, terms, media_type, scope)

    async def attributes(self, request: Request) -> Response:
        """GET /attributes: an AttributeList, or with details=true a list of Attribute."""
        scope, terms, media_type = await self._asked(request)
        found = await self._types_by_attribute(scope)
        if not flag(request.query, "details"):
            value: Any = {
                "id": "urn:ngsi-ld:AttributeList:1",
                "type": "AttributeList",
                "attributeList": sorted(terms.compact(name) for name in found),
            }
            return _answer(request, value, terms, media_type, scope)
        value = [_attribute(name, *found[name], terms, counted=False) for name in sorted(found)]
        return _answer(request, value, terms, media_type, scope)

    async def attribute_info(self, request: Request) -> Response:
        """GET /attributes/{attribute}: an Attribute with how often, of which kinds, on which types."""
        scope, terms, media_type = await self._asked(request)
        name = terms.expand(request.path_values["attribute"])
        found = (await self._types_by_attribute(scope)).get(name)
        if found is None:
            raise ResourceNotFound("no entity that you may read has this attribute", detail_ja="この属性はありません。")
        return _answer(request, _attribute(name, *found, terms, counted=True), terms, media_type, scope)

    async def _asked(self, request: Request) -> tuple[Scope, TermMap, str]:
        media_type = answer_type(request.headers.get("accept", ""))
        scope = await self._desk.scope(request)
        return scope, await self._desk.terms(request), media_type

    async def _attributes_by_type(self, scope: Scope) -> dict[str, dict[str, tuple[int, set[str]]]]:
        found: dict[str, dict[str, tuple[int, set[str]]]] = {}
        now = self._desk.graph.clock()
        for row in await types_in_use(self._desk.graph.database, scope, now):
            for name in row["type_key"].split(" "):
                found.setdefault(name, {})
        for row in await attributes_in_use(self._desk.graph.database, scope, now):
            for name in row["type_key"].split(" "):
                number, kinds = found.setdefault(name, {}).get(row["attribute"], (0, set()))
                found[name][row["attribute"]] = (number + row["number"], kinds | set(row["kinds"]))
        return found

    async def _types_by_attribute(self, scope: Scope) -> dict[str, tuple[int, set[str], set[str]]]:
        found: dict[str, tuple[int, set[str], set[str]]] = {}
        for row in await attributes_in_use(self._desk.graph.database, scope, self._desk.graph.clock()):
            number, kinds, types = found.get(row["attribute"], (0, set(), set()))
            types = types | set(row["type_key"].split(" "))
            found[row["attribute"]] = (number + row["number"], kinds | set(row["kinds"]), types)
        return found


def _attribute(name: str, number: int, kinds: set[str], types: set[str], terms: TermMap, *, counted: bool) -> dict[str, Any]:
    value: dict[str, Any] = {
        "id": iri_of(name),
        "type": "Attribute",
        "attributeName": terms.compact(name),
        "typeNames": sorted(terms.compact(type) for type in types),
    }
    if counted:
        value |= {"attributeCount": number, "attributeTypes": sorted(kinds)}
    return value


def _answer(request: Request, value: Any, terms: TermMap, media_type: str, scope: Scope) -> Response:
    if media_type == LD_JSON:
        context = context_of(terms)
        value = [{**item, "@context": context} for item in value] if isinstance(value, list) else {**value, "@context": context}
    return Response(200, dumps(value), media_type.encode(), answer_headers(terms, media_type, scope, request))
