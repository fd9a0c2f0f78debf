"""Which kinds of import are there? What `kairo import --help` lists; a new importer is one more line here."""

from collections.abc import Mapping
from types import MappingProxyType

from kairo.capabilities.catalogue.boundaries import BOUNDARIES
from kairo.capabilities.catalogue.importer import Importer
from kairo.capabilities.catalogue.shelters import SHELTERS
from kairo.capabilities.catalogue.towns import TOWNS

IMPORTERS: Mapping[str, Importer] = MappingProxyType({found.kind: found for found in (SHELTERS, BOUNDARIES, TOWNS)})
