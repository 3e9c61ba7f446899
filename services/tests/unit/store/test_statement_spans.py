"""What statements are called in traces: what they do, and to which tables."""

import pytest

from plotlot.store.statement_spans import summary_of


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("SELECT * FROM parcels p JOIN municipalities USING (municipality)", "SELECT parcels municipalities"),
        ("INSERT INTO analyses (id, report) VALUES (%s, %s)", "INSERT analyses"),
        ("INSERT INTO sections SELECT * FROM unnest(%s::text[]) AS u", "INSERT sections"),
        ("UPDATE jobs SET done = done + 1 WHERE id = %s", "UPDATE jobs"),
        ("DELETE FROM sign_ins WHERE until < now()", "DELETE sign_ins"),
        ("COPY chunks (id, text) FROM STDIN", "COPY chunks"),
        ("WITH led AS (SELECT 1 FROM chunks), b AS (SELECT 2) SELECT * FROM led, b", "SELECT chunks"),
        ("SELECT extract(epoch FROM held_until) FROM idempotency_keys", "SELECT idempotency_keys"),
        ("CREATE TABLE IF NOT EXISTS kept (id text)", "CREATE kept"),
        ("-- from nowhere\nSELECT 1", "SELECT"),
        ("COMMIT", "COMMIT"),
        ("", "?"),
    ],
)
def test_a_statement_is_told_by_its_operation_and_its_tables(text: str, summary: str) -> None:
    assert summary_of(text)[1] == summary


def test_values_that_stand_in_a_statement_are_not_told() -> None:
    text = "BEGIN; SET LOCAL plotlot.tenant = 'jane from Quincunx Street'; SET LOCAL ROLE plotlot_services"
    assert summary_of(text) == ("BEGIN", "BEGIN")
    assert summary_of("SELECT 1 FROM notes WHERE text = 'it''s from jane_doe'")[1] == "SELECT notes"


def test_a_summary_has_an_end() -> None:
    tables = " JOIN ".join(f"table_{number}" for number in range(100))
    assert len(summary_of(f"SELECT 1 FROM {tables}")[1]) == 255
