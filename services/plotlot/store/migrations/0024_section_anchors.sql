-- What the publisher of a section finds it by: the address where it shows it, or the id of its node.

ALTER TABLE sections ADD COLUMN anchor text NOT NULL DEFAULT '';
-- Of few documents: looked for at each citation, the section that holds it and has one.
CREATE INDEX sections_anchored ON sections (document_id, start) WHERE anchor <> '';
