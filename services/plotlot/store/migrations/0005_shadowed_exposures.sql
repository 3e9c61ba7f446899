-- Requests of sessions whose questions are asked of both bundles: pairs tell of them, they are no events.

ALTER TABLE exposures ADD COLUMN shadowed boolean NOT NULL DEFAULT false;
