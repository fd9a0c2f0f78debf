"""Which tables does search keep, and where do their rows stand once there are several machines?"""

from kairo.platform.db import Table

TABLES = (
    Table("search_entry", colocated_with="entity"),
    Table("search_gram", colocated_with="entity"),
)
