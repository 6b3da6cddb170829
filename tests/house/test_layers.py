"""A module imports only from rows above its own and from its own room; third parties only where the design lets them in."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROWS: tuple[tuple[int, str, frozenset[str]], ...] = (
    (0, "records", frozenset()),
    (1, "errors", frozenset()),
    (1, "models", frozenset()),
    (2, "config", frozenset()),
    (2, "identity", frozenset()),
    (2, "resources", frozenset()),
    (3, "vietnamese", frozenset({"numpy"})),
    (4, "fields", frozenset({"numpy"})),
    (4, "query", frozenset()),
    (4, "readers", frozenset({"trafilatura", "feedparser", "warcio", "ftfy", "lxml"})),
    (5, "engines.base", frozenset()),
    (6, "engines.embedded.arrays", frozenset({"numpy", "zstandard"})),
    (6, "engines.embedded", frozenset({"numpy", "whoosh", "zstandard"})),
    (7, "search", frozenset({"numpy"})),
    (7, "indexing", frozenset({"numpy"})),
    (8, "formats", frozenset()),
    (8, "service", frozenset()),
    (10, "cli", frozenset({"click", "rich"})),
    (10, "server", frozenset({"flask", "waitress", "werkzeug", "jinja2", "markupsafe"})),
)
PACKAGE = Path(__file__).resolve().parents[2] / "src" / "newssearch"
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(module: str) -> tuple[int, str, frozenset[str]] | None:
    """The row, name and third parties of the room that a module (without `newssearch.`) lives in."""
    rooms = [room for room in ROWS if module == room[1] or module.startswith(room[1] + ".")]
    return max(rooms, key=lambda room: len(room[1]), default=None)


def imports_of(file: Path) -> Iterator[str]:
    """Every module that a file imports, at its top or inside a function; what is only for type checkers counts too."""
    here = ["newssearch", *file.relative_to(PACKAGE).with_suffix("").parts]
    package = here[:-1]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*base, *filter(None, [node.module])])
            for alias in node.names:
                inner = PACKAGE.joinpath(*name.split(".")[1:], alias.name)
                yield f"{name}.{alias.name}" if name.startswith("newssearch") and (inner.is_dir() or inner.with_suffix(".py").is_file()) else name


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_module_knows_only_rooms_above(file: Path) -> None:
    own = ".".join(file.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
    room = room_of(own)
    if room is None:
        assert own in {"__init__", "__main__", "engines"}, f"{own} stands in no room of the design"
        return
    row, name, third_parties = room
    for imported in imports_of(file):
        top = imported.split(".")[0]
        if top != "newssearch":
            assert top in sys.stdlib_module_names or top in third_parties, f"{own} may not import {top}"
            continue
        other = room_of(imported.removeprefix("newssearch."))
        if other is None:
            continue
        same_room = other[1] == name or (name.startswith("engines.embedded") and other[1].startswith("engines.embedded"))
        faces = name == "cli" and other[1] == "server" and own == "cli.serving"
        helpers = name == "service" and other[1] == "formats"
        assert other[0] < row or same_room or faces or helpers, f"{own} (row {row}) imports {imported} (row {other[0]})"


def test_arrays_know_nothing_of_whoosh() -> None:
    embedded = PACKAGE / "engines" / "embedded"
    for file in (embedded / "arrays").glob("*.py"):
        for imported in imports_of(file):
            assert not imported.startswith("whoosh"), f"{file.name} imports {imported}"
            neighbour = embedded / (imported.rsplit(".", 1)[-1] + ".py")
            if imported.startswith("newssearch.engines.embedded.") and neighbour.is_file():
                assert not any(name.startswith("whoosh") for name in imports_of(neighbour)), f"{file.name} reaches Whoosh by {imported}"
