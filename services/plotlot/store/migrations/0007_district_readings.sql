-- An engine may read the districts of a code one by one, each when it is asked for. Code that does not know
-- these columns reads whole codes, and never finds a reading that such an engine has begun.

ALTER TABLE districts
    ADD COLUMN read_at timestamptz DEFAULT now(),       -- null until its standards were read
    ADD COLUMN dropped integer NOT NULL DEFAULT 0;      -- values of it alone whose citation did not verify
