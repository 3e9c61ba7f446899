-- Who follows a refresh is told what changed since the step that was seen last; and a run that was cancelled says so.

ALTER TABLE refreshes
    ADD COLUMN steps     bigint NOT NULL DEFAULT 0,      -- counted with each change of one of its towns
    ADD COLUMN cancelled boolean NOT NULL DEFAULT false;
ALTER TABLE refreshed_towns ADD COLUMN step bigint NOT NULL DEFAULT 0;  -- of its run, at which it last changed
CREATE INDEX refreshed_towns_by_step ON refreshed_towns (run, step);
