-- Parcels that were looked up outside, and since when imported ones stand as they do.

ALTER TABLE parcels
    ADD COLUMN source text NOT NULL DEFAULT '',      -- name of the file that it came in
    ADD COLUMN imported_at timestamptz;              -- null of those imported before this migration

-- One row for each address that a tenant asked of the sources outside. It has no trigger of content_changed: an answer
-- kept by the gateway lives for minutes, these for weeks, and a new address changes no answer to another question.
CREATE TABLE found_parcels (
    tenant       text NOT NULL DEFAULT plotlot_tenant(),
    asked        text NOT NULL,                      -- the address's key, and the municipality's where one was named
    sources      text NOT NULL,                      -- digest of the configuration that was asked
    parcel       jsonb,                              -- null where no source has it
    problem      jsonb,                              -- then, what whoever asked was told
    retrieved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, asked)
);
CREATE INDEX found_parcels_by_id ON found_parcels (tenant, (parcel ->> 'id'));
CREATE INDEX found_parcels_by_age ON found_parcels (retrieved_at);

CREATE POLICY seen ON found_parcels FOR SELECT
    USING (tenant = plotlot_tenant() OR plotlot_tenant() = '*');
CREATE POLICY added ON found_parcels FOR INSERT
    WITH CHECK (tenant = plotlot_tenant() OR plotlot_tenant() = '*');
CREATE POLICY changed ON found_parcels FOR UPDATE
    USING (tenant = plotlot_tenant() OR plotlot_tenant() = '*');
CREATE POLICY removed ON found_parcels FOR DELETE
    USING (tenant = plotlot_tenant() OR plotlot_tenant() = '*');
ALTER TABLE found_parcels ENABLE ROW LEVEL SECURITY;
ALTER TABLE found_parcels FORCE ROW LEVEL SECURITY;
