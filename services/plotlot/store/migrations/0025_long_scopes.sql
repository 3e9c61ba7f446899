-- What a refresh is asked for may name a thousand towns, and an entry of a B-tree holds 2.7 kB. A hash holds any text, and
-- a scope is only ever looked for whole.
DROP INDEX refreshes_going_on;
CREATE INDEX refreshes_going_on ON refreshes USING hash (scope) WHERE ended_at IS NULL;
