-- What its publisher calls the state of a town's code that was fetched, so that the next refresh need not fetch the same
-- again. Code that does not know of it leaves it empty, and is asked for all of the code the next time.
ALTER TABLE refreshed_towns
    ADD COLUMN edition    text NOT NULL DEFAULT '',             -- empty: nobody can say but by reading all of it
    ADD COLUMN fetched_at timestamptz NOT NULL DEFAULT now();   -- when all of it was last asked for
