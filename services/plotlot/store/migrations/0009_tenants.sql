-- Tenants: each sees its own rows, and the codes and parcels of the installation's own tenant, `local`. A connection
-- says whose it is by the setting plotlot.tenant. One that never did is of the release before, or a person's: local.

CREATE FUNCTION plotlot_tenant() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting('plotlot.tenant', true), 'local');

-- The key of a municipality on the current tenant's own shelf. No key of a name holds a line feed.
CREATE FUNCTION own_key(town text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE plotlot_tenant() WHEN 'local' THEN town ELSE town || E'\n' || plotlot_tenant() END;

-- A municipality is a shelf: documents, chunks, parcels and readings are its tenant's. Ids of all but local are
-- negative, so that a row of the shared corpus is known by its municipality alone, without a look at this table.
ALTER TABLE municipalities
    ADD COLUMN tenant text NOT NULL DEFAULT 'local' CHECK (tenant ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    ADD CONSTRAINT municipalities_shared CHECK ((id > 0) = (tenant = 'local'));
ALTER TABLE municipalities ALTER COLUMN tenant SET DEFAULT plotlot_tenant();
CREATE INDEX municipalities_own ON municipalities (tenant) WHERE id < 0;

ALTER TABLE analyses ADD COLUMN tenant text NOT NULL DEFAULT 'local';
ALTER TABLE analyses ALTER COLUMN tenant SET DEFAULT plotlot_tenant();

-- An API key is plk_<id>_<secret and checksum>. The secret is 256 random bits: one fast digest keeps it, for
-- nobody can guess it and none is chosen by a person.
CREATE TABLE api_keys (
    id         text PRIMARY KEY,
    tenant     text NOT NULL CHECK (tenant ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name       text NOT NULL,
    digest     bytea NOT NULL,              -- SHA-256 of the secret
    role       text NOT NULL CHECK (role IN ('reader', 'analyst', 'operator', 'admin')),
    scopes     text[],                      -- rights of the role that it is held to; null means all
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    replaces   text REFERENCES api_keys
);
CREATE INDEX api_keys_by_tenant ON api_keys (tenant, created_at DESC);

-- Who did what. Rows are only ever added.
CREATE TABLE audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    tenant     text NOT NULL,
    who        text NOT NULL,               -- key:<id>, token:<subject>, owner
    action     text NOT NULL,               -- POST /v1/documents, key.revoke
    target     text NOT NULL DEFAULT '',
    status     integer NOT NULL,            -- of the HTTP answer
    request_id text NOT NULL DEFAULT '',
    address    text NOT NULL DEFAULT '',
    details    jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_by_tenant ON audit (tenant, id DESC);
CREATE INDEX audit_by_who ON audit (who, id DESC);

CREATE FUNCTION audit_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only added to';
END $$;
CREATE TRIGGER audit_unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_unchanged();

-- The owner of the tables is held to the policies too. A superuser never is: services take another role
-- (plotlot.store.service_role), which no migration names, for roles belong to a server and not to a database.
-- The tenant '*' is upkeep, which is everybody's: no caller can have that name.
DO $$
DECLARE
    own  text := 'municipality_id IN (SELECT id FROM municipalities WHERE id < 0 AND tenant = plotlot_tenant())'
                 ' OR plotlot_tenant() = ''*''';
    seen text := 'municipality_id > 0 OR ' || own;
    kept text := 'CASE WHEN municipality_id > 0 THEN plotlot_tenant() IN (''local'', ''*'') ELSE ' || own || ' END';
    mine text := 'tenant = plotlot_tenant() OR plotlot_tenant() = ''*''';
    of_document text := 'EXISTS (SELECT FROM documents WHERE id = document_id)';
    of_reading  text := 'EXISTS (SELECT FROM readings WHERE id = reading_id)';
    of_job      text := 'EXISTS (SELECT FROM jobs WHERE id = job_id)';
    rule record;
BEGIN
    FOR rule IN SELECT * FROM (VALUES
        ('municipalities', 'id > 0 OR ' || mine, mine),
        ('documents', seen, kept),
        ('chunks', seen, kept),
        ('postings', seen, kept),
        ('scope_sizes', seen, kept),
        ('term_counts', seen, kept),
        ('parcels', seen, kept),
        ('sections', of_document, 'EXISTS (SELECT FROM documents WHERE id = document_id AND (' || kept || '))'),
        -- What was read from the shared codes is kept for all by whoever asks first.
        ('readings', seen, seen),
        ('districts', of_reading, of_reading),
        ('standards', of_reading, of_reading),
        ('analyses', mine, mine),
        ('idempotency_keys', mine, mine),
        ('jobs', mine, mine),
        ('job_rows', of_job, of_job),
        ('feedback', mine, mine),
        ('api_keys', mine, mine),
        ('audit', mine, mine)
    ) AS rules (name, seen, kept) LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT USING (%s)', rule.name, rule.seen);
        EXECUTE format('CREATE POLICY added ON %I FOR INSERT WITH CHECK (%s)', rule.name, rule.kept);
        EXECUTE format('CREATE POLICY changed ON %I FOR UPDATE USING (%s)', rule.name, rule.kept);
        EXECUTE format('CREATE POLICY removed ON %I FOR DELETE USING (%s)', rule.name, rule.kept);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', rule.name);
        -- Code of the release before copies into these as their owner, and no policy lets one copy.
        IF rule.name NOT IN ('sections', 'districts', 'standards') THEN
            EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', rule.name);
        END IF;
    END LOOP;
END $$;
