"""The order in which a dump goes back."""

from plotlot.backups.restoring import in_turns

LISTING = """;
; Archive created at 2026-03-01 12:00:00 UTC
;
220; 1259 16400 TABLE public documents plotlot
3700; 0 16400 TABLE DATA public documents plotlot
3650; 0 16400 ROW SECURITY public documents plotlot
3651; 3256 16900 POLICY public documents seen plotlot
3600; 2606 16950 FK CONSTRAINT public sections sections_document_id_fkey plotlot
"""


def test_what_hides_rows_comes_after_what_looks_at_them() -> None:
    first, last = in_turns(LISTING)
    assert [line.split()[3] for line in last.splitlines()] == ["ROW", "POLICY"]
    assert "FK CONSTRAINT" in first
    assert sorted((first + last).splitlines()) == sorted(LISTING.splitlines())
