-- What is known of the use of a stored @context (CIM 009 5.13.3.5): how often a request needed it, and when last.
ALTER TABLE stored_context ADD COLUMN hits bigint NOT NULL DEFAULT 0;
ALTER TABLE stored_context ADD COLUMN last_used_at timestamptz;

-- How many requests someone may still send at this moment: a bucket that fills by the second, from which each worker takes some
-- at a time. Not logged: after a crash the buckets begin full, and a request costs no write to the disk.
CREATE UNLOGGED TABLE quota_bucket (
    tenant text NOT NULL,
    name text NOT NULL,
    tokens double precision NOT NULL,
    granted integer NOT NULL,
    filled_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, name)
);

ALTER TABLE quota_bucket ENABLE ROW LEVEL SECURITY;
ALTER TABLE quota_bucket FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON quota_bucket USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON quota_bucket TO kairo_app;
