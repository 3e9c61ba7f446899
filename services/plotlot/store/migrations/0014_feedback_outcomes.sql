-- What became of a remark: one that nobody settled is open. Code of the release before knows of none, and adds open ones.
-- No migration has the number 13.

ALTER TABLE feedback
    ADD COLUMN outcome    text CHECK (outcome IN ('accepted', 'dismissed')),
    ADD COLUMN settled_at timestamptz;
