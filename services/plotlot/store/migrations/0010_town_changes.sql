-- What changes in one town leaves the kept answers of the others alone; and the last tables of tenants are forced on
-- their owner, into which the release before copies no more.

ALTER TABLE content_changes ADD COLUMN town text NOT NULL DEFAULT '';  -- key of a municipality; empty: of all
ALTER TABLE content_changes DROP CONSTRAINT content_changes_pkey, ADD PRIMARY KEY (xact, at, town);
CREATE INDEX content_changes_by_town ON content_changes (town, at);

-- One row for each town that a statement touched. A row whose municipality is not seen counts for all of them.
CREATE FUNCTION towns_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'municipalities' AND TG_OP = 'UPDATE' THEN
        INSERT INTO content_changes (town)
        SELECT key FROM before UNION SELECT key FROM changed ON CONFLICT DO NOTHING;
    ELSIF TG_TABLE_NAME = 'municipalities' THEN
        INSERT INTO content_changes (town) SELECT key FROM changed ON CONFLICT DO NOTHING;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO content_changes (town)
        SELECT DISTINCT coalesce(key, '')
        FROM (SELECT municipality_id FROM before UNION SELECT municipality_id FROM changed) AS touched
             LEFT JOIN municipalities ON municipalities.id = municipality_id
        ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO content_changes (town)
        SELECT DISTINCT coalesce(key, '')
        FROM (SELECT DISTINCT municipality_id FROM changed) AS touched
             LEFT JOIN municipalities ON municipalities.id = municipality_id
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['municipalities', 'documents', 'chunks', 'parcels'] LOOP
        EXECUTE format('DROP TRIGGER content_changed ON %I', name);
        EXECUTE format('CREATE TRIGGER content_changed AFTER TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION content_changed()', name);
        EXECUTE format('CREATE TRIGGER towns_added AFTER INSERT ON %I REFERENCING NEW TABLE AS changed'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION towns_changed()', name);
        EXECUTE format('CREATE TRIGGER towns_removed AFTER DELETE ON %I REFERENCING OLD TABLE AS changed'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION towns_changed()', name);
        EXECUTE format('CREATE TRIGGER towns_changed AFTER UPDATE ON %I'
                       ' REFERENCING OLD TABLE AS before NEW TABLE AS changed'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION towns_changed()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['sections', 'districts', 'standards'] LOOP
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    END LOOP;
END $$;
