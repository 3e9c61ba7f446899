-- What BM25 has to know of a scope is kept as chunks come and go, instead of being counted by every search.
-- Triggers keep it, so that code of the release before, which knows nothing of it, keeps it too.

LOCK TABLE chunks, postings IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE scope_sizes (
    generation      integer NOT NULL,
    municipality_id bigint NOT NULL,
    chunks          bigint NOT NULL,
    length          bigint NOT NULL,    -- of all of them, in lexemes
    PRIMARY KEY (generation, municipality_id)
) WITH (fillfactor = 50);

CREATE TABLE term_counts (
    generation      integer NOT NULL,
    term            text NOT NULL,
    municipality_id bigint NOT NULL,
    chunks          bigint NOT NULL,    -- that hold the term
    PRIMARY KEY (generation, term, municipality_id)
) WITH (fillfactor = 70);  -- each document of a town counts on in its rows

INSERT INTO scope_sizes
SELECT generation, municipality_id, count(*), sum(length) FROM chunks GROUP BY generation, municipality_id;

INSERT INTO term_counts
SELECT generation, term, municipality_id, count(*) FROM postings GROUP BY generation, term, municipality_id;

CREATE FUNCTION chunks_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO scope_sizes AS kept
    SELECT generation, municipality_id, count(*), sum(length) FROM added GROUP BY generation, municipality_id
    ON CONFLICT (generation, municipality_id)
        DO UPDATE SET chunks = kept.chunks + excluded.chunks, length = kept.length + excluded.length;
    RETURN NULL;
END $$;

CREATE FUNCTION chunks_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM postings USING removed WHERE chunk_id = removed.id;
    UPDATE scope_sizes AS kept SET chunks = kept.chunks - gone.chunks, length = kept.length - gone.length
    FROM (
        SELECT generation, municipality_id, count(*) AS chunks, sum(length) AS length
        FROM removed GROUP BY generation, municipality_id
    ) AS gone
    WHERE kept.generation = gone.generation AND kept.municipality_id = gone.municipality_id;
    RETURN NULL;
END $$;

CREATE FUNCTION postings_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO term_counts AS kept
    SELECT generation, term, municipality_id, count(*) FROM added GROUP BY generation, term, municipality_id
    ORDER BY generation, term, municipality_id
    ON CONFLICT (generation, term, municipality_id) DO UPDATE SET chunks = kept.chunks + excluded.chunks;
    RETURN NULL;
END $$;

CREATE FUNCTION postings_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE term_counts AS kept SET chunks = kept.chunks - gone.chunks
    FROM (
        SELECT generation, term, municipality_id, count(*) AS chunks
        FROM removed GROUP BY generation, term, municipality_id
    ) AS gone
    WHERE kept.generation = gone.generation AND kept.term = gone.term
      AND kept.municipality_id = gone.municipality_id;
    RETURN NULL;
END $$;

CREATE TRIGGER chunks_added AFTER INSERT ON chunks
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION chunks_added();
CREATE TRIGGER chunks_removed AFTER DELETE ON chunks
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION chunks_removed();
CREATE TRIGGER postings_added AFTER INSERT ON postings
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION postings_added();
CREATE TRIGGER postings_removed AFTER DELETE ON postings
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION postings_removed();

-- A score needs a posting's frequency and the length of its chunk: both from the index alone. The length is null
-- where code of the release before wrote the posting; it is then looked up.
ALTER TABLE postings ADD COLUMN length integer;
ALTER TABLE postings
    DROP CONSTRAINT postings_pkey,
    DROP CONSTRAINT postings_chunk_id_fkey,     -- chunks_removed does it at once, not for each chunk
    ADD PRIMARY KEY (generation, term, municipality_id, chunk_id) INCLUDE (frequency, length);
