-- Applications of partners, what they show who they are by, and what they were given: OAuth 2 and OpenID Connect, both ways.
-- Secrets stand here only as digests that cannot be used themselves.

CREATE TABLE application (
    tenant text NOT NULL,
    name text NOT NULL,
    title text NOT NULL,
    organisation text NOT NULL,
    description text NOT NULL,
    purpose text NOT NULL,
    state text NOT NULL CHECK (state IN ('requested', 'approved', 'stopped')),
    authentication text NOT NULL CHECK (authentication IN ('secret', 'private_key_jwt', 'none')),
    jwks text NOT NULL,
    redirect_uris text[] NOT NULL,
    logout_uris text[] NOT NULL,
    words text[] NOT NULL,
    registered_by text NOT NULL,
    registered_at timestamptz NOT NULL,
    decided_by text,
    decided_at timestamptz,
    PRIMARY KEY (tenant, name)
);

-- Several keys of one application hold at once, so that they change hands without a gap.
CREATE TABLE application_key (
    tenant text NOT NULL,
    digest text NOT NULL,
    id text NOT NULL,
    application text NOT NULL,
    label text NOT NULL,
    words text[] NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    PRIMARY KEY (tenant, digest)
);

CREATE UNIQUE INDEX application_key_of_application ON application_key (tenant, application, id);

-- A code is used once; a second use is a sign of theft and ends what the first one gave, which bears the code's digest as family.
CREATE TABLE oauth_code (
    tenant text NOT NULL,
    digest text NOT NULL,
    application text NOT NULL,
    resident text NOT NULL,
    redirect_uri text NOT NULL,
    words text[] NOT NULL,
    challenge text NOT NULL,
    nonce text NOT NULL,
    acr text NOT NULL,
    signed_in_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (tenant, digest)
);

CREATE INDEX oauth_code_by_end ON oauth_code (tenant, expires_at);

CREATE TABLE oauth_token (
    tenant text NOT NULL,
    digest text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('access', 'refresh')),
    application text NOT NULL,
    key_id text,
    resident text,
    family text NOT NULL,
    words text[] NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (tenant, digest)
);

CREATE INDEX oauth_token_by_family ON oauth_token (tenant, family);
CREATE INDEX oauth_token_of_application ON oauth_token (tenant, application, resident);
CREATE INDEX oauth_token_by_end ON oauth_token (tenant, expires_at);

-- Which applications a resident signed in to, and what they let each of them ask for.
CREATE TABLE oauth_connection (
    tenant text NOT NULL,
    resident text NOT NULL,
    application text NOT NULL,
    words text[] NOT NULL,
    since timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, resident, application)
);

-- Signed statements that are good once (jti), until they have expired.
CREATE TABLE oauth_seen (
    tenant text NOT NULL,
    digest text NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (tenant, digest)
);

CREATE INDEX oauth_seen_by_end ON oauth_seen (tenant, until);

-- A sign-in at another provider that is under way: bound to the browser that began it, and good once.
CREATE TABLE provider_login (
    tenant text NOT NULL,
    digest text NOT NULL,
    provider text NOT NULL,
    browser text NOT NULL,
    nonce text NOT NULL,
    verifier text NOT NULL,
    onward text NOT NULL,
    links text,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, digest)
);

-- Whose account a person of another provider is. `ends_at`: until when this login is good.
CREATE TABLE linked_login (
    tenant text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    principal text NOT NULL,
    provider text NOT NULL,
    linked_at timestamptz NOT NULL,
    ends_at timestamptz,
    last_at timestamptz,
    PRIMARY KEY (tenant, issuer, subject)
);

CREATE INDEX linked_login_of_principal ON linked_login (tenant, principal);

ALTER TABLE application ENABLE ROW LEVEL SECURITY;
ALTER TABLE application FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON application USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON application TO kairo_app;

ALTER TABLE application_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE application_key FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON application_key USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON application_key TO kairo_app;

ALTER TABLE oauth_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE oauth_code FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON oauth_code USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON oauth_code TO kairo_app;

ALTER TABLE oauth_token ENABLE ROW LEVEL SECURITY;
ALTER TABLE oauth_token FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON oauth_token USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON oauth_token TO kairo_app;

ALTER TABLE oauth_connection ENABLE ROW LEVEL SECURITY;
ALTER TABLE oauth_connection FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON oauth_connection USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON oauth_connection TO kairo_app;

ALTER TABLE oauth_seen ENABLE ROW LEVEL SECURITY;
ALTER TABLE oauth_seen FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON oauth_seen USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON oauth_seen TO kairo_app;

ALTER TABLE provider_login ENABLE ROW LEVEL SECURITY;
ALTER TABLE provider_login FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON provider_login USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON provider_login TO kairo_app;

ALTER TABLE linked_login ENABLE ROW LEVEL SECURITY;
ALTER TABLE linked_login FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON linked_login USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON linked_login TO kairo_app;
