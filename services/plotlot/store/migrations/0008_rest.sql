-- What REST keeps besides analyses: answers to keys, jobs, feedback, and how often what is stored has changed.
-- Code of the release before writes none of it, and the triggers count its writes too.

CREATE TABLE idempotency_keys (
    tenant      text NOT NULL,
    client      text NOT NULL,
    key         text NOT NULL,
    fingerprint bytea NOT NULL,              -- SHA-256 of method, path, kind and body
    status      integer,                     -- null while it is being answered
    headers     jsonb,
    body        bytea,
    seed        text NOT NULL,               -- what the ids of all that it makes are derived from
    holder      text NOT NULL,               -- the request that answers it
    held_until  timestamptz NOT NULL,        -- who answers renews it; past this, they are gone
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant, client, key)
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

CREATE TABLE jobs (
    id          text PRIMARY KEY,
    tenant      text NOT NULL,
    client      text NOT NULL,
    kind        text NOT NULL,
    bundle      text NOT NULL,               -- of the gateway that took it; another one continues it if need be
    status      text NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    total       integer NOT NULL,
    done        integer NOT NULL DEFAULT 0,  -- answered, refused ones included
    refused     integer NOT NULL DEFAULT 0,  -- answered by a problem
    problem     jsonb,                       -- why it failed
    holder      text NOT NULL DEFAULT '',
    held_until  timestamptz NOT NULL DEFAULT '-infinity',
    attempts    integer NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at  timestamptz,
    finished_at timestamptz
);
CREATE INDEX jobs_by_tenant ON jobs (tenant, created_at DESC, id DESC);
CREATE INDEX jobs_open ON jobs (created_at) WHERE status IN ('queued', 'running');

-- The rows of a job: each is answered once, in order.
CREATE TABLE job_rows (
    job_id   text NOT NULL REFERENCES jobs ON DELETE CASCADE,
    number   integer NOT NULL,               -- from 1
    question jsonb NOT NULL,
    outcome  jsonb,                          -- null until it is answered
    PRIMARY KEY (job_id, number)
);

CREATE TABLE feedback (
    id           text PRIMARY KEY,
    tenant       text NOT NULL,
    client       text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('wrong_number', 'wrong_section', 'missing', 'other')),
    analysis_id  text,
    municipality text NOT NULL,
    district     text NOT NULL,
    field        text NOT NULL,
    expected     double precision,           -- the right value, in the field's unit
    comment      text NOT NULL,
    bundle       text NOT NULL,
    evidence     jsonb NOT NULL,             -- what was shown: value, quote, section, document
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX feedback_by_tenant ON feedback (tenant, created_at DESC, id DESC);
CREATE INDEX feedback_by_municipality ON feedback (tenant, municipality);

-- One row for each transaction that changed what answers rest on: their number and the newest tell two states
-- apart. A counter in one row would let every ingestion wait for every other.
CREATE TABLE content_changes (
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (xact, at)
);
INSERT INTO content_changes DEFAULT VALUES;

CREATE FUNCTION content_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO content_changes DEFAULT VALUES ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER content_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON municipalities
    FOR EACH STATEMENT EXECUTE FUNCTION content_changed();
CREATE TRIGGER content_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON documents
    FOR EACH STATEMENT EXECUTE FUNCTION content_changed();
CREATE TRIGGER content_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON chunks
    FOR EACH STATEMENT EXECUTE FUNCTION content_changed();
CREATE TRIGGER content_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON generations
    FOR EACH STATEMENT EXECUTE FUNCTION content_changed();
CREATE TRIGGER content_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON parcels
    FOR EACH STATEMENT EXECUTE FUNCTION content_changed();
