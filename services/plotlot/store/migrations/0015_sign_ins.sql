-- Browsers that signed in: one row a cookie, until it ends. The cookie is 256 random bits, of which a digest is kept.
CREATE TABLE sign_ins (
    digest     bytea PRIMARY KEY,           -- SHA-256 of the cookie
    tenant     text NOT NULL CHECK (tenant ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    who        text NOT NULL,               -- key:<id>, token:<subject>
    name       text NOT NULL,               -- as the page calls them
    role       text NOT NULL CHECK (role IN ('reader', 'analyst', 'operator', 'admin')),
    api_key    text REFERENCES api_keys ON DELETE CASCADE, -- by which they signed in: what it may do now, they may
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_ins_by_end ON sign_ins (expires_at);

DO $$
DECLARE
    mine text := 'tenant = plotlot_tenant() OR plotlot_tenant() = ''*''';
BEGIN
    EXECUTE format('CREATE POLICY seen ON sign_ins FOR SELECT USING (%s)', mine);
    EXECUTE format('CREATE POLICY added ON sign_ins FOR INSERT WITH CHECK (%s)', mine);
    EXECUTE format('CREATE POLICY changed ON sign_ins FOR UPDATE USING (%s)', mine);
    EXECUTE format('CREATE POLICY removed ON sign_ins FOR DELETE USING (%s)', mine);
    ALTER TABLE sign_ins ENABLE ROW LEVEL SECURITY;
    ALTER TABLE sign_ins FORCE ROW LEVEL SECURITY;
END $$;
