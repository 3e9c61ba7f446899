-- Jobs that are one piece of work: how far it is, and the file that it is about, so that another gateway goes on with it.

ALTER TABLE jobs
    ADD COLUMN steps    integer NOT NULL DEFAULT 0,  -- how often progress was told
    ADD COLUMN progress jsonb;                       -- of the row that is being answered, as it was told last

CREATE TABLE job_files (
    job_id  text PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
    content bytea NOT NULL
);

DO $$
DECLARE
    of_job text := 'EXISTS (SELECT FROM jobs WHERE id = job_id)';
BEGIN
    EXECUTE format('CREATE POLICY seen ON job_files FOR SELECT USING (%s)', of_job);
    EXECUTE format('CREATE POLICY added ON job_files FOR INSERT WITH CHECK (%s)', of_job);
    EXECUTE format('CREATE POLICY changed ON job_files FOR UPDATE USING (%s)', of_job);
    EXECUTE format('CREATE POLICY removed ON job_files FOR DELETE USING (%s)', of_job);
    ALTER TABLE job_files ENABLE ROW LEVEL SECURITY;
    ALTER TABLE job_files FORCE ROW LEVEL SECURITY;
END $$;
