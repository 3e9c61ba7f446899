-- Links to analyses for readers who have no account. A token is 256 random bits and is shown once; one digest keeps it.

CREATE TABLE shares (
    id          text PRIMARY KEY,
    tenant      text NOT NULL DEFAULT plotlot_tenant(),
    analysis_id text NOT NULL REFERENCES analyses ON DELETE CASCADE,
    digest      bytea NOT NULL UNIQUE,       -- SHA-256 of the token
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz,                 -- null: never
    revoked_at  timestamptz
);
CREATE INDEX shares_by_analysis ON shares (analysis_id, created_at DESC);

CREATE POLICY seen ON shares FOR SELECT USING (tenant = plotlot_tenant() OR plotlot_tenant() = '*');
CREATE POLICY added ON shares FOR INSERT WITH CHECK (tenant = plotlot_tenant() OR plotlot_tenant() = '*');
CREATE POLICY changed ON shares FOR UPDATE USING (tenant = plotlot_tenant() OR plotlot_tenant() = '*');
CREATE POLICY removed ON shares FOR DELETE USING (tenant = plotlot_tenant() OR plotlot_tenant() = '*');
ALTER TABLE shares ENABLE ROW LEVEL SECURITY;
ALTER TABLE shares FORCE ROW LEVEL SECURITY;
