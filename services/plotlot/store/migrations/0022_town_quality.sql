-- How well each town's code is kept: what its refreshes came to, which sections changed, who wants to know of it, and how
-- many questions had no answer. Pages of towns read these rows, and no code.

-- Of each town that was refreshed, the installation's: no row is a tenant's.
CREATE TABLE covered_towns (
    municipality text PRIMARY KEY,
    publisher    text NOT NULL,
    product      text NOT NULL,                  -- of the code that serves, as its publisher lists it
    supplement   text NOT NULL,
    dated        text NOT NULL,
    stage        text NOT NULL CHECK (stage IN ('current', 'unchanged', 'quarantined', 'failed')),
    reason       text NOT NULL,
    kinds        text[] NOT NULL DEFAULT '{}',   -- of plotlot.domain.coverage.KINDS, while it is quarantined
    refreshed_at timestamptz NOT NULL,           -- when the last refresh of it ended
    checked_at   timestamptz,                    -- when its publisher last gave a whole code
    swapped_at   timestamptz,                    -- when the code that serves was swapped in
    unwell_since timestamptz,                    -- of refreshes that took nothing, the first since one that did
    counts       jsonb NOT NULL DEFAULT '{}'     -- of the swap: documents, sections, added, changed, removed, warnings
);
CREATE INDEX covered_towns_unwell ON covered_towns (unwell_since) WHERE unwell_since IS NOT NULL;

CREATE FUNCTION town_covered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    well  boolean := NEW.stage IN ('current', 'unchanged');
    asked timestamptz := CASE WHEN NEW.stage <> 'failed' THEN now() END;
BEGIN
    INSERT INTO covered_towns AS known
        (municipality, publisher, product, supplement, dated, stage, reason, refreshed_at, checked_at, swapped_at,
         unwell_since, counts)
    VALUES (
        NEW.municipality, NEW.town->>'publisher',
        CASE WHEN well THEN coalesce(NEW.town->>'product', '') ELSE '' END,
        CASE WHEN well THEN coalesce(NEW.town->>'supplement', '') ELSE '' END,
        CASE WHEN well THEN coalesce(NEW.town->>'dated', '') ELSE '' END,
        NEW.stage, NEW.reason, now(), asked, CASE WHEN NEW.stage = 'current' THEN now() END,
        CASE WHEN NOT well THEN now() END, CASE WHEN NEW.stage = 'current' THEN NEW.counts ELSE '{}' END
    )
    ON CONFLICT (municipality) DO UPDATE SET
        publisher = excluded.publisher,
        product = CASE WHEN well THEN excluded.product ELSE known.product END,
        supplement = CASE WHEN well THEN excluded.supplement ELSE known.supplement END,
        dated = CASE WHEN well THEN excluded.dated ELSE known.dated END,
        stage = excluded.stage,
        reason = excluded.reason,
        kinds = CASE WHEN excluded.stage = 'quarantined' THEN known.kinds ELSE '{}' END,
        refreshed_at = excluded.refreshed_at,
        checked_at = coalesce(excluded.checked_at, known.checked_at),
        swapped_at = coalesce(excluded.swapped_at, known.swapped_at),
        unwell_since = CASE WHEN NOT well THEN coalesce(known.unwell_since, now()) END,
        counts = CASE WHEN excluded.stage = 'current' THEN excluded.counts ELSE known.counts END;
    RETURN NULL;
END $$;
CREATE TRIGGER town_covered AFTER UPDATE OF stage ON refreshed_towns
    FOR EACH ROW WHEN (OLD.stage <> NEW.stage AND NEW.stage IN ('current', 'unchanged', 'quarantined', 'failed'))
    EXECUTE FUNCTION town_covered();

-- Towns that were refreshed before these rows were kept.
INSERT INTO covered_towns
    (municipality, publisher, product, supplement, dated, stage, reason, refreshed_at, checked_at, swapped_at, unwell_since, counts)
SELECT last.municipality, last.town->>'publisher', coalesce(last.town->>'product', ''),
       coalesce(last.town->>'supplement', ''), coalesce(last.town->>'dated', ''), last.stage, last.reason, last.changed_at,
       (SELECT max(asked.changed_at) FROM refreshed_towns AS asked WHERE asked.municipality = last.municipality
        AND asked.stage IN ('current', 'unchanged', 'quarantined')),
       taken.changed_at, CASE WHEN last.stage IN ('quarantined', 'failed') THEN last.changed_at END,
       coalesce(taken.counts, '{}')
FROM (
    SELECT DISTINCT ON (municipality) * FROM refreshed_towns
    WHERE stage IN ('current', 'unchanged', 'quarantined', 'failed') ORDER BY municipality, changed_at DESC, run DESC
) AS last LEFT JOIN LATERAL (
    SELECT swapped.changed_at, swapped.counts FROM refreshed_towns AS swapped
    WHERE swapped.municipality = last.municipality AND swapped.stage = 'current' ORDER BY changed_at DESC LIMIT 1
) AS taken ON true;

-- What a reading comes to: districts, standards by status, and for each field how many districts have it. Null where code
-- that does not know of it wrote the reading; it is counted then.
ALTER TABLE readings ADD COLUMN counts jsonb;

-- Which sections of a code that served changed when another took its place.
CREATE TABLE section_changes (
    municipality_id bigint NOT NULL REFERENCES municipalities,
    document        text NOT NULL,               -- the name of the document that it stood in, or stands in where it is new
    section         text NOT NULL,               -- its path, as citations have it
    change          text NOT NULL CHECK (change IN ('added', 'changed', 'removed')),
    changed_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX section_changes_by_section ON section_changes (municipality_id, section, changed_at DESC);
CREATE INDEX section_changes_by_time ON section_changes (municipality_id, changed_at DESC);

-- Who asked to be told when what an analysis cites changes, or anything in a town's code.
CREATE TABLE watches (
    id           text PRIMARY KEY,
    tenant       text NOT NULL DEFAULT plotlot_tenant(),
    client       text NOT NULL,
    analysis_id  text REFERENCES analyses ON DELETE CASCADE,  -- null: the whole code is watched
    municipality text NOT NULL,
    documents    text[] NOT NULL,                -- cited by the analysis, each with its section at the same place
    sections     text[] NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX watches_by_tenant ON watches (tenant, created_at DESC, id DESC);

-- Questions in words about a town's code, by day: how many there were, and how many had no answer in it.
CREATE TABLE town_questions (
    tenant       text NOT NULL DEFAULT plotlot_tenant(),
    municipality text NOT NULL,                  -- plotlot.domain.municipalities.municipality_key
    day          date NOT NULL,
    asked        bigint NOT NULL,
    refused      bigint NOT NULL,
    PRIMARY KEY (tenant, municipality, day)
);

DO $$
DECLARE
    own  text := 'municipality_id IN (SELECT id FROM municipalities WHERE id < 0 AND tenant = plotlot_tenant())'
                 ' OR plotlot_tenant() = ''*''';
    seen text := 'municipality_id > 0 OR ' || own;
    kept text := 'CASE WHEN municipality_id > 0 THEN plotlot_tenant() IN (''local'', ''*'') ELSE ' || own || ' END';
    mine text := 'tenant = plotlot_tenant() OR plotlot_tenant() = ''*''';
    rule record;
BEGIN
    FOR rule IN SELECT * FROM (VALUES
        ('section_changes', seen, kept),
        ('watches', mine, mine),
        ('town_questions', mine, mine)
    ) AS rules (name, seen, kept) LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT USING (%s)', rule.name, rule.seen);
        EXECUTE format('CREATE POLICY added ON %I FOR INSERT WITH CHECK (%s)', rule.name, rule.kept);
        EXECUTE format('CREATE POLICY changed ON %I FOR UPDATE USING (%s)', rule.name, rule.kept);
        EXECUTE format('CREATE POLICY removed ON %I FOR DELETE USING (%s)', rule.name, rule.kept);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', rule.name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', rule.name);
    END LOOP;
END $$;
