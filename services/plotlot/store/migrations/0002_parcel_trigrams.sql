-- Near misses of an address, nearest first, however many parcels a county has.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE INDEX parcels_by_likeness ON parcels USING gist (address_key gist_trgm_ops (siglen = 64));
