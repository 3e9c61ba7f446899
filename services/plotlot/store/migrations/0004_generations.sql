-- A generation of the index that is built beside the live one is ready once it holds every document, and may
-- then be named by a bundle, or become the live one.

ALTER TABLE generations
    DROP CONSTRAINT generations_status_check,
    ADD CONSTRAINT generations_status_check CHECK (status IN ('building', 'ready', 'live', 'retired'));
