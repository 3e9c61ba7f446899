-- What checks of a generation of the index found, and when one last served: what passed, or served before, may go live.
-- Both are the installation's: no row is a tenant's.

ALTER TABLE generations ADD COLUMN served_at timestamptz;    -- when another took its place; null: it never was live

CREATE TABLE generation_checks (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    generation integer NOT NULL REFERENCES generations,
    passed     boolean NOT NULL,
    report     jsonb NOT NULL,                               -- plotlot.domain.generation_checks.Check
    checked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX generation_checks_newest ON generation_checks (generation, id DESC);
