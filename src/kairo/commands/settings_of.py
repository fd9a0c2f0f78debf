"""Which settings does a process get that works on an installation?"""

from dataclasses import replace

from kairo.commands.installation import Installation
from kairo.settings import Settings


def settings_for(found: Installation) -> Settings:
    """The settings with the database's URL filled in, also where it is the embedded one."""
    return replace(found.settings, database_url=found.url)
