-- Secrets that the gateways on a database share and nobody chose, such as what seals a sign-in that was begun at a
-- provider. No tenant reads them: upkeep alone.
CREATE TABLE gateway_secrets (
    name   text PRIMARY KEY,
    secret bytea NOT NULL  -- random
);

DO $$
DECLARE
    upkeep text := 'plotlot_tenant() = ''*''';
BEGIN
    EXECUTE format('CREATE POLICY seen ON gateway_secrets FOR SELECT USING (%s)', upkeep);
    EXECUTE format('CREATE POLICY added ON gateway_secrets FOR INSERT WITH CHECK (%s)', upkeep);
    ALTER TABLE gateway_secrets ENABLE ROW LEVEL SECURITY;
    ALTER TABLE gateway_secrets FORCE ROW LEVEL SECURITY;
END $$;
