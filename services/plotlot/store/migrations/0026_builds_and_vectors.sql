-- Whoever builds a generation says so as long as it does; one whose build has ended without it being ready has failed.
ALTER TABLE generations
    DROP CONSTRAINT generations_status_check,
    ADD CONSTRAINT generations_status_check CHECK (status IN ('building', 'ready', 'live', 'retired', 'failed')),
    ADD COLUMN worked_on_at timestamptz,           -- when its builder last said that it builds; null: it never did
    ADD COLUMN reason text NOT NULL DEFAULT '';    -- why it failed, and what to do

-- Vectors that nobody needs are looked for once a day, at the end of a run, and are those that nobody used for long.
ALTER TABLE kept_vectors ADD COLUMN used_at timestamptz NOT NULL DEFAULT now();    -- to the day
ALTER TABLE refreshes ADD COLUMN vectors_pruned_at timestamptz;                    -- null: not at the end of this run
