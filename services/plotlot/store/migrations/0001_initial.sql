-- Documents, the search index, readings, parcels and analyses. Offsets count code points; ends are exclusive.

CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE municipalities (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key  text NOT NULL UNIQUE,          -- plotlot.domain.municipalities.municipality_key
    name text NOT NULL
);

-- A snapshot of an ordinance. A newer file of the same name supersedes it; its text stays for old citations.
CREATE TABLE documents (
    id              text PRIMARY KEY,
    municipality_id bigint NOT NULL REFERENCES municipalities,
    name            text NOT NULL,
    title           text NOT NULL,
    media_type      text NOT NULL,
    source_sha256   text NOT NULL,
    text_sha256     text NOT NULL,
    text            text NOT NULL,
    tables          jsonb NOT NULL,
    page_starts     integer[] NOT NULL,
    warnings        text[] NOT NULL,
    parser          text NOT NULL,
    effective_date  date,
    retrieved_at    timestamptz NOT NULL DEFAULT now(),
    superseded_at   timestamptz
);
CREATE UNIQUE INDEX documents_current ON documents (municipality_id, name) WHERE superseded_at IS NULL;

CREATE TABLE sections (
    document_id text NOT NULL REFERENCES documents ON DELETE CASCADE,
    ordinal     integer NOT NULL,
    parent      integer,
    kind        text NOT NULL,
    label       text NOT NULL,
    heading     text NOT NULL,
    start       integer NOT NULL,
    "end"       integer NOT NULL,
    body_start  integer NOT NULL,
    page        integer,
    PRIMARY KEY (document_id, ordinal)
);

-- One build of the search index; exactly one is live. Its HNSW index is made with it.
CREATE TABLE generations (
    id              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    embedding_model text NOT NULL,
    dimensions      integer NOT NULL,
    chunker         text NOT NULL,
    status          text NOT NULL CHECK (status IN ('building', 'live', 'retired')),
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX generations_live ON generations ((true)) WHERE status = 'live';

CREATE TABLE chunks (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    generation      integer NOT NULL REFERENCES generations,
    municipality_id bigint NOT NULL REFERENCES municipalities,
    document_id     text NOT NULL REFERENCES documents ON DELETE CASCADE,
    ordinal         integer NOT NULL,
    section         integer NOT NULL,
    heading_path    text NOT NULL,
    start           integer NOT NULL,
    "end"           integer NOT NULL,
    text            text NOT NULL,
    length          integer NOT NULL,   -- lexemes, for BM25's length normalisation
    embedding       halfvec NOT NULL,
    UNIQUE (generation, document_id, ordinal)
);
-- Search reads the lengths of a whole scope for BM25: from this index alone.
CREATE INDEX chunks_by_municipality ON chunks (generation, municipality_id, id) INCLUDE (length);
CREATE INDEX chunks_by_document ON chunks (document_id);

CREATE TABLE postings (
    generation      integer NOT NULL,
    term            text NOT NULL,
    municipality_id bigint NOT NULL,
    chunk_id        bigint NOT NULL REFERENCES chunks ON DELETE CASCADE,
    frequency       integer NOT NULL,
    PRIMARY KEY (generation, term, municipality_id, chunk_id)
);
CREATE INDEX postings_by_chunk ON postings (chunk_id);

-- Standards as read from one state of a municipality's code by one version of an engine.
CREATE TABLE readings (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    municipality_id bigint NOT NULL REFERENCES municipalities,
    code_digest     text NOT NULL,      -- over the texts of the current documents
    engine          text NOT NULL,
    dropped         integer NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (municipality_id, code_digest, engine)
);

CREATE TABLE districts (
    reading_id bigint NOT NULL REFERENCES readings ON DELETE CASCADE,
    ordinal    integer NOT NULL,
    key        text NOT NULL,           -- plotlot.domain.districts.district_key
    code       text NOT NULL,
    name       text NOT NULL,
    PRIMARY KEY (reading_id, ordinal)
);

CREATE TABLE standards (
    reading_id   bigint NOT NULL,
    district     integer NOT NULL,
    ordinal      integer NOT NULL,
    field        text NOT NULL,
    status       text NOT NULL,
    value        double precision,
    unit         text NOT NULL,
    conditions   jsonb NOT NULL,
    confidence   double precision NOT NULL,
    engine       text NOT NULL,
    quoted_value text NOT NULL,
    quoted_unit  text NOT NULL,
    formula      jsonb,
    note         text NOT NULL,
    document_id  text REFERENCES documents ON DELETE CASCADE,
    section      text,
    page         integer,
    start        integer,
    "end"        integer,
    quote        text,
    PRIMARY KEY (reading_id, district, ordinal),
    FOREIGN KEY (reading_id, district) REFERENCES districts ON DELETE CASCADE
);

CREATE TABLE parcels (
    municipality_id bigint NOT NULL REFERENCES municipalities,
    id              text NOT NULL,
    address         text NOT NULL,
    address_key     text NOT NULL,      -- plotlot.domain.addresses.address_key
    district        text NOT NULL,
    geometry        jsonb,              -- GeoJSON, WGS 84; null where the source gives only measures
    frontage        jsonb,              -- GeoJSON lines of the streets it fronts
    properties      jsonb NOT NULL,
    PRIMARY KEY (municipality_id, id)
);
CREATE INDEX parcels_by_address ON parcels (address_key text_pattern_ops);
CREATE INDEX parcels_by_id ON parcels (id);

CREATE TABLE analyses (
    id         text PRIMARY KEY,
    bundle     text NOT NULL,
    request    jsonb NOT NULL,
    report     jsonb NOT NULL,
    drawing    text NOT NULL,               -- SVG of the lot; empty where its shape is unknown
    created_at timestamptz NOT NULL DEFAULT now()
);
