"""How does a new service begin? With a skeleton after the anatomy of docs/how-to-add-a-service.md, and a test that fails first."""

import keyword
import re
from pathlib import Path

from rich.console import Console

from kairo.errors import StartError

_FILES = {
    "__init__.py": '"""{title}: what it does for people, in one line."""\n',
    "manifest.py": '''"""What does {name} declare? Its entity types, routes and place in the navigation."""

from kairo.platform.manifests import EntityType, Manifest, attributes

EXAMPLE = EntityType(
    type="{title}Example",
    data_class="open",
    title={{"ja": "例", "ja-x-easy": "れい", "en": "Example"}},
    searchable=("name",),
    attributes=attributes(name="LanguageProperty!"),
)
MANIFEST = Manifest(
    name="{name}",
    title={{"ja": "{title}", "ja-x-easy": "{title}", "en": "{title}"}},
    purpose={{"ja": "目的を書く。", "ja-x-easy": "目的（もくてき）を かく。", "en": "Say what it is for."}},
    entity_types=(EXAMPLE,),
)
''',
    "permissions.py": '''"""Who may use {name}? Each question once as a boolean and once as a check that raises."""

from kairo.context.gate import DataClass, Scope
from kairo.errors import Forbidden


def may_read(scope: Scope) -> bool:
    """Whether the asker may see what is open here."""
    return DataClass.OPEN in scope.read_classes


def check_read(scope: Scope) -> None:
    """Raises Forbidden unless `may_read`."""
    if not may_read(scope):
        raise Forbidden("reading is not allowed here", detail_ja="閲覧が許可されていません。")
''',
    "README.md": """# {title}

**Purpose.** Which need of which people (page of the Vision).

**Legal basis.** Article of the law or ordinance.

**Data held, and for how long.**

**Checklist.** Lines of the urban OS checklist, each 0, 1 or 2.
""",
}
_TEST = '''"""Does {name} say what it is for?"""

from kairo.services.{name}.manifest import MANIFEST


def test_the_purpose_is_written_in_every_language() -> None:
    assert set(MANIFEST.purpose) == {{"ja", "ja-x-easy", "en"}}
    assert "Say what it is for" not in MANIFEST.purpose["en"], "write the purpose of {name} in its manifest"
'''


def make_service(name: str, folder: Path, console: Console) -> None:
    """Writes the files. Raises StartError for a name that is no module name, or a folder that is there."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", name) or keyword.iskeyword(name):
        raise StartError(
            f"{name!r} cannot be the name of a service", mend="Use lower-case letters, digits and _, such as mobility."
        )
    if not folder.is_dir():
        raise StartError(f"there is no folder {folder}", mend="Run it in a checkout of Kairo, or name --folder.")
    place = folder / name
    if place.exists():
        raise StartError(f"{place} exists already", mend="Choose another name.")
    title = "".join(part.capitalize() for part in name.split("_"))
    place.mkdir()
    for file, text in _FILES.items():
        (place / file).write_text(text.format(name=name, title=title), encoding="utf-8")
    tests = folder.parent.parent.parent / "tests" / "services" / name
    if tests.parent.parent.is_dir():
        tests.mkdir(parents=True, exist_ok=True)
        (tests / f"test_{name}_manifest.py").write_text(_TEST.format(name=name, title=title), encoding="utf-8")
    console.print(
        f"{place} is made. Next: write its purpose, then add its manifest to PARTS in src/kairo/app.py.", markup=False
    )
