"""How does public data come into the graph? `run_import` brings files of a kind (`IMPORTERS`) in and hands back a `Report`."""

from kairo.capabilities.catalogue.importer import Importer, Made, Progress, Work
from kairo.capabilities.catalogue.manifest import MANIFEST
from kairo.capabilities.catalogue.registry import IMPORTERS
from kairo.capabilities.catalogue.report import FileRead, Refused, Repaired, Report
from kairo.capabilities.catalogue.running import run_import

__all__ = [
    "IMPORTERS",
    "MANIFEST",
    "FileRead",
    "Importer",
    "Made",
    "Progress",
    "Refused",
    "Repaired",
    "Report",
    "Work",
    "run_import",
]
