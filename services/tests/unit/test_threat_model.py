"""The threat model names modules and tests that exist, for every edge, and every risk of OWASP's list."""

import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
TESTS, PACKAGE = TOP / "services" / "tests", TOP / "services" / "plotlot"
PAGE = (TOP / "docs" / "security" / "THREAT_MODEL.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| T\d\d \|", line)
]
ID, STRIDE, LIKELY, IMPACT, AGAINST, TEST, OWASP = 0, 1, 3, 4, 5, 6, 8


def test_every_edge_has_threats_and_there_are_enough() -> None:
    assert len(ROWS) >= 20
    assert [row[ID] for row in ROWS] == [f"T{number:02d}" for number in range(1, len(ROWS) + 1)]
    sections = re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]
    assert len(sections) == 9
    assert all(re.search(r"^\| T\d\d", section, re.MULTILINE) for section in sections)
    assert {row[STRIDE] for row in ROWS} == set("STRIDE")
    assert all({row[LIKELY], row[IMPACT]} <= {"low", "medium", "high"} for row in ROWS)


def test_every_threat_is_met_by_tests_that_exist() -> None:
    for row in ROWS:
        named = re.findall(r"`([\w/]+\.py)::(\w+)`", row[TEST])
        assert named, row[ID]
        for file, test in named:
            path = TESTS / file
            assert path.is_file(), f"{row[ID]}: there is no {file}"
            assert re.search(rf"def {test}\(", path.read_text(encoding="utf-8")), (
                f"{row[ID]}: {file} has no {test}"
            )


def test_every_module_that_is_named_exists() -> None:
    for row in ROWS:
        for name in re.findall(r"`([\w./]+)`", row[AGAINST]):
            if "/" in name or name.endswith(".py"):
                places = [
                    PACKAGE / name,
                    PACKAGE / "gateway" / name,
                    TOP / name,
                    *PACKAGE.rglob(Path(name).name),
                ]
                assert any(place.exists() for place in places), f"{row[ID]}: there is no {name}"


def test_every_risk_of_the_list_is_mapped_both_ways() -> None:
    by_risk: dict[str, set[str]] = {}
    for row in ROWS:
        for risk in re.findall(r"LLM\d\d", row[OWASP]):
            by_risk.setdefault(risk, set()).add(row[ID])
    assert set(by_risk) == {f"LLM{number:02d}" for number in range(1, 11)}
    for risk, threats in by_risk.items():
        line = next(line for line in PAGE.splitlines() if line.startswith(f"| {risk} "))
        assert set(re.findall(r"T\d\d", line)) == threats, risk
