-- Who has shown who they are: one-time links, sessions and tokens, each only as a digest that cannot be used itself.

CREATE TABLE credential (
    tenant text NOT NULL,
    digest text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('link', 'session', 'token')),
    principal text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    used_at timestamptz,
    PRIMARY KEY (tenant, digest)
);

ALTER TABLE credential ENABLE ROW LEVEL SECURITY;
ALTER TABLE credential FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON credential USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON credential TO kairo_app;
