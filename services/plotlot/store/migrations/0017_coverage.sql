-- What publishers answered, and how far each town's refresh is. All of it is the installation's: no row is a tenant's.

-- Answers as they came, once each, so that whatever follows them can be done again without asking anybody.
CREATE TABLE fetched_contents (
    digest  text PRIMARY KEY,                        -- SHA-256
    content bytea NOT NULL
);
CREATE TABLE fetched (
    run           text NOT NULL,
    url           text NOT NULL,
    digest        text NOT NULL REFERENCES fetched_contents,
    etag          text,
    last_modified text,
    retrieved_at  timestamptz NOT NULL,              -- when its server last said that it was so
    PRIMARY KEY (run, url)
);
CREATE INDEX fetched_by_url ON fetched (url, retrieved_at DESC);
CREATE INDEX fetched_by_digest ON fetched (digest);

-- A text is embedded once by a model, whatever generation, document or town it stands in.
CREATE TABLE kept_vectors (
    model  text NOT NULL,
    digest bytea NOT NULL,                           -- SHA-256 of what was embedded
    vector bytea NOT NULL,                           -- little-endian numbers of two bytes, as the index has them
    PRIMARY KEY (model, digest)
);

-- The towns that a publisher listed when it was last asked.
CREATE TABLE listings (
    publisher text NOT NULL,
    state     text NOT NULL,
    towns     jsonb NOT NULL,
    listed_at timestamptz NOT NULL,
    PRIMARY KEY (publisher, state)
);

CREATE TABLE refreshes (
    id       text PRIMARY KEY,
    scope    text NOT NULL,                          -- what was asked for, in words: one of a scope goes on at a time
    begun_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);
CREATE INDEX refreshes_going_on ON refreshes (scope) WHERE ended_at IS NULL;

CREATE TABLE refreshed_towns (
    run          text NOT NULL REFERENCES refreshes ON DELETE CASCADE,
    municipality text NOT NULL,
    town         jsonb NOT NULL,                     -- as its publisher lists it
    host         text NOT NULL,                      -- whom its publisher asks; requests are limited by it
    accepted     boolean NOT NULL DEFAULT false,     -- an operator takes it whatever there is to say against it
    stage        text NOT NULL DEFAULT 'waiting' CHECK (stage IN (
        'waiting', 'fetching', 'parsing', 'embedding', 'verifying', 'swapping',
        'current', 'unchanged', 'quarantined', 'failed', 'cancelled'
    )),
    reason       text NOT NULL DEFAULT '',           -- why it was quarantined, failed or cancelled
    digest       text NOT NULL DEFAULT '',           -- over the documents of its code, as they were fetched
    counts       jsonb NOT NULL DEFAULT '{}',
    changed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run, municipality)
);
CREATE INDEX refreshed_towns_by_age ON refreshed_towns (municipality, changed_at DESC);
