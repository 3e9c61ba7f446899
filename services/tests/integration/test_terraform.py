"""The conventions of terraform/: what is typed, described, checked, tested, pinned and open."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TERRAFORM = ROOT / "terraform"
FILES = [path for path in sorted(TERRAFORM.rglob("*.tf")) if ".terraform" not in path.parts]
MODULES = sorted(folder for folder in (TERRAFORM / "modules").iterdir() if folder.is_dir())

# Platform and password are tested where they are called: in the environments and in the rehearsal.
TESTED_ELSEWHERE = {"platform", "password"}


def blocks(kind: str, path: Path) -> dict[str, str]:
    """The top-level blocks of a kind in a file, by name."""
    pattern = rf'^{kind} "(\w+)" \{{\n(.*?)^\}}'
    return dict(re.findall(pattern, path.read_text(), flags=re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TERRAFORM)))
def test_variables_and_outputs_are_described(path: Path) -> None:
    for name, body in blocks("variable", path).items():
        assert re.search(r"^  type +=", body, re.MULTILINE), f"variable {name} has no type"
        assert re.search(r'^  description += "[A-Z].*\."$', body, re.MULTILINE), (
            f"variable {name} is not described"
        )
    for name, body in blocks("output", path).items():
        assert re.search(r'^  description += "[A-Z].*\."$', body, re.MULTILINE), (
            f"output {name} is not described"
        )


# Platform passes its values on to modules that check them.
@pytest.mark.parametrize(
    "module", [m for m in MODULES if m.name != "platform"], ids=lambda module: module.name
)
def test_every_figure_and_string_is_checked(module: Path) -> None:
    unchecked = [
        name
        for name, body in blocks("variable", module / "variables.tf").items()
        if re.search(r"^  type += (string|number|list|set)", body, re.MULTILINE)
        and "validation {" not in body
        and "ephemeral   = true" not in body
    ]
    assert unchecked == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_module_has_a_test(module: Path) -> None:
    assert module.name in TESTED_ELSEWHERE or list(module.glob("tests/*.tftest.hcl"))


def test_roots_pin_one_version_of_the_provider() -> None:
    roots = [*TERRAFORM.glob("environments/*/versions.tf"), TERRAFORM / "tests" / "rehearsal" / "main.tf"]
    versions = {
        re.findall(r'^      version = "([^"]+)"', path.read_text(), re.MULTILINE)[0] for path in roots
    }
    assert len(roots) == 3
    assert len(versions) == 1
    assert re.fullmatch(r"\d+\.\d+\.\d+", versions.pop())


def test_only_the_door_is_open_to_the_internet() -> None:
    rules = [path for path in FILES if re.search(r'security_group_ingress_rule"', path.read_text())]
    assert {path.parent.name for path in rules} == {"network", "database", "cache"}
    literal = [
        path.name for path in FILES if re.search(r"^  cidr_ipv4 += \"", path.read_text(), re.MULTILINE)
    ]
    assert literal == []


def test_environments_differ_by_sizes_alone() -> None:
    for name in ("outputs.tf", "variables.tf"):
        dev, prod = (TERRAFORM / "environments" / folder / name for folder in ("dev", "prod"))
        assert dev.read_text() == prod.read_text()
    dev, prod = (
        (TERRAFORM / "environments" / folder / "versions.tf").read_text() for folder in ("dev", "prod")
    )
    assert dev.replace("plotlot/dev/", "plotlot/prod/").replace("plotlot-dev", "plotlot-prod") == prod


def test_the_page_explains_the_outputs_for_the_chart() -> None:
    platform = blocks("output", TERRAFORM / "modules" / "platform" / "outputs.tf")["chart"]
    names = re.findall(r"^    (\w+) +=", platform, re.MULTILINE)
    page = (ROOT / "docs" / "aws.md").read_text()
    assert len(names) == 5
    assert [name for name in names if f"`chart.{name}`" not in page] == []


def test_the_costs_add_up() -> None:
    page = (ROOT / "docs" / "aws.md").read_text()
    lines = re.findall(r"^\| [^|]+ \| [^|]+ \| ([\d.]+) \| ([\d.]+) \|$", page, re.MULTILINE)
    total = re.search(r"\*\*a month\*\* \| \| \*\*([\d.]+)\*\* \| \*\*([\d.]+)\*\*", page)
    assert total is not None
    for column, stated in enumerate(total.groups()):
        assert sum(float(line[column]) for line in lines) == pytest.approx(float(stated), abs=0.005)
