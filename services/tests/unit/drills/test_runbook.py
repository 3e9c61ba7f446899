"""A runbook is read as a program: which cause fits, and what it runs."""

import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.drills.runbook import Runbook, read_runbook

TEXT = """# PlotLotThing

## Meaning
It is broken.
## Impact
Somebody waits.
## Diagnosis
```sh
kubectl get pods
```
```
kubectl describe pods
```
```sh
# a comment
## that looks like a heading
kubectl logs
```
## Mitigation
### It is away
Seen: `wanted [0]`
```sh
scale up
```
### Nobody can tell
Seen: `never`
### It hangs
```sh
delete it
```
```sh
wait for it
```
"""


@pytest.fixture
def runbook() -> Runbook:
    return read_runbook("PlotLotThing", TEXT)


def test_blocks_without_a_mark_are_not_run(runbook: Runbook) -> None:
    assert runbook.diagnosis == (
        "kubectl get pods\n",
        "# a comment\n## that looks like a heading\nkubectl logs\n",
    )


@pytest.mark.parametrize(
    ("printed", "scripts"),
    [
        ("redis wanted 0, ready\n", ("scale up\n",)),
        ("redis wanted 1, ready 1\n", ("delete it\n", "wait for it\n")),
        ("never mind\n", ("delete it\n", "wait for it\n")),  # the cause that fits says nothing to run
        ("", ("delete it\n", "wait for it\n")),
    ],
)
def test_the_first_cause_that_fits_is_taken(runbook: Runbook, printed: str, scripts: tuple[str, ...]) -> None:
    found = runbook.cause(printed)
    assert found is not None
    assert found.scripts == scripts


def test_no_cause_fits_where_each_wants_a_sign() -> None:
    text = TEXT.replace("### It hangs\n", "### It hangs\nSeen: `^does not answer`\n")
    runbook = read_runbook("PlotLotThing", text)
    assert runbook.cause("it does not answer") is None
    assert runbook.cause("first line\ndoes not answer") is not None


def test_a_mitigation_without_causes_is_one() -> None:
    head, _, _ = TEXT.partition("### It is away")
    runbook = read_runbook("PlotLotThing", head + "```sh\nundo\n```\n")
    found = runbook.cause("whatever")
    assert found is not None
    assert found.scripts == ("undo\n",)


def test_a_heading_that_is_missing_is_named() -> None:
    with pytest.raises(InvalidRequest, match="PlotLotThing has no heading 'Impact'"):
        read_runbook("PlotLotThing", TEXT.replace("## Impact\n", ""))


def test_a_sign_that_is_no_expression_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no regular expression"):
        read_runbook("PlotLotThing", TEXT.replace("wanted [0]", "wanted [0"))
