"""Which tables does trust keep?"""

from kairo.platform.db import Table

TABLES = (Table("credential"),)
