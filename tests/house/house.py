"""What is in this house? Files, their syntax trees, and lists of exceptions that may only shrink."""

import ast
import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from scripts.tracked_files import tracked_files

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "src" / "kairo"
LISTS = Path(__file__).resolve().parent


def name_of(path: Path) -> str:
    """The path as the repository knows it."""
    return path.relative_to(ROOT).as_posix()


@functools.cache
def repository() -> tuple[Path, ...]:
    """Every file that git holds or would hold."""
    return tuple(tracked_files())


def python_files(*folders: str) -> list[Path]:
    """The Python files of the repository below these folders."""
    return [path for path in repository() if path.suffix == ".py" and name_of(path).startswith(folders)]


@functools.cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def texts(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Every text that a module writes, with its line: f-strings and sums of texts put together, docstrings left out.

    What stands in braces of an f-string is looked up among the module's own constants and functions (all their texts); else
    it stays as `{}`.
    """
    constants: dict[str, str] = {
        statement.name: " ".join(text for part in ast.walk(statement) if (text := _text(part, {})) is not None)
        for statement in module.body
        if isinstance(statement, ast.FunctionDef)
    }
    for statement in module.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
            value = _text(statement.value, constants)
            if value is not None:
                constants[statement.targets[0].id] = value
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    }
    yield from _outermost(module, constants, docstrings)


def _outermost(node: ast.AST, constants: Mapping[str, str], left_out: set[int]) -> Iterator[tuple[int, str]]:
    for child in ast.iter_child_nodes(node):
        if id(child) in left_out:
            continue
        value = _text(child, constants) if isinstance(child, ast.Constant | ast.JoinedStr | ast.BinOp) else None
        if value is not None:
            yield child.lineno, value  # type: ignore[attr-defined]
        else:
            yield from _outermost(child, constants, left_out)


def _text(node: ast.AST, constants: Mapping[str, str]) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part, constants) or "" for part in node.values)
    if isinstance(node, ast.FormattedValue):
        named = node.value.func if isinstance(node.value, ast.Call) else node.value
        return constants.get(named.id, "{}") if isinstance(named, ast.Name) else "{}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = [_text(side, constants) for side in (node.left, node.right)]
        if sides == [None, None]:
            return None
        return "".join("{}" if side is None else side for side in sides)
    return None


def exceptions(name: str) -> list[str]:
    """The lines of a list of exceptions; such a list only shrinks."""
    path = LISTS / name
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line for line in lines if line and not line.startswith("#")]


def compare_with_exceptions(found: Iterable[str], list_name: str, rule: str) -> None:
    """Fails on a breach that is not listed, and on a listed one that is mended: its line must go."""
    present = set(found)
    listed = set(exceptions(list_name))
    new = sorted(present - listed)
    mended = sorted(listed - present)
    assert not new, f"{rule}:\n  " + "\n  ".join(new)
    assert not mended, f"mended, so take these lines out of tests/house/{list_name}:\n  " + "\n  ".join(mended)
