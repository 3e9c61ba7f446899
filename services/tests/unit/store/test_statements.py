"""How statements are made: values are parameters, and what is put into their text is ours."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[3] / "plotlot"
STATEMENT = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|SET ROLE|ALTER|CREATE|DROP|TRUNCATE)\b")
OURS = re.compile(r"^_?[A-Z][A-Z_0-9]*$")
"""Constants of a module are written by us."""
LOOKED_AT = {
    name: frozenset(values)
    for name, values in {
        "extraction/store.py": ("ANCHOR.format(document='s.document_id', start='s.start')",),
        "gateway/feedback/store.py": ("columns", "older", "', '.join(['%s'] * 12)"),
        "gateway/idempotency/store.py": ("change",),
        "gateway/jobs/store.py": ("older", "'AND outcome IS NULL' if waiting else ''"),
        "ingestion/index.py": ("generation.id", "int(dimensions)"),
        "ingestion/refreshing/towns.py": ("rest",),
        "judge/releases.py": ("rest", "names"),
        "retrieval/statement.py": ("eligible", "_eligible(generation, in_town, filters)"),
        "store/copying.py": ("columns", "table", "staged"),
        "store/documents.py": ("', '.join(['%s'] * 14)",),
        "store/generations.py": ("table", "lock", "index", "int(number)"),
    }.items()
}
"""What is put in besides, by module: each was looked at, and is a number or chosen among words of our own."""


def statements(tree: ast.AST) -> Iterator[ast.JoinedStr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            words = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
            if STATEMENT.search(words):
                yield node


def put_in(statement: ast.JoinedStr) -> Iterator[str]:
    """What is put into a statement's text."""
    for part in statement.values:
        if isinstance(part, ast.FormattedValue):
            yield ast.unparse(part.value)


def found() -> dict[str, set[str]]:
    every: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name.startswith("api/"):
            continue
        for statement in statements(ast.parse(path.read_text(encoding="utf-8"))):
            foreign = {one for one in put_in(statement) if not OURS.match(one)}
            if foreign:
                every.setdefault(name, set()).update(foreign)
    return every


def test_the_rule_finds_what_it_is_for() -> None:
    made = ast.parse("execute(f'SELECT {COLUMNS} FROM t WHERE name = {name}')")
    (statement,) = statements(made)
    assert [one for one in put_in(statement) if not OURS.match(one)] == ["name"]


def test_no_statement_is_made_of_what_others_wrote() -> None:
    unknown = {
        f"{name}: {one}"
        for name, every in found().items()
        for one in every - LOOKED_AT.get(name, frozenset())
    }
    assert unknown == set(), "look whether it can come from a request; a value is a parameter, as in %(name)s"


def test_what_was_looked_at_is_still_there() -> None:
    known = found()
    gone = {f"{name}: {one}" for name, every in LOOKED_AT.items() for one in every - known.get(name, set())}
    assert gone == set()
