-- Who is known to this municipality, how they show who they are, and who acts for whom.

-- People and things. `key` is random and says nothing; `name_key` is the name as it is looked for. A protected account (支援措置) is
-- found by nobody. `is_published`: the graph says of a resident what this row says.
CREATE TABLE account (
    tenant text NOT NULL,
    key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('resident', 'staff', 'organisation', 'application', 'device', 'system')),
    name text NOT NULL CHECK (name <> ''),
    name_key text NOT NULL,
    kana text NOT NULL DEFAULT '',
    born_on date,
    district text,
    household text,
    controller text,
    login text,
    status text NOT NULL CHECK (status IN ('active', 'moved_out', 'dead', 'closed')),
    has_guardian boolean NOT NULL DEFAULT false,
    is_protected boolean NOT NULL DEFAULT false,
    is_synthetic boolean NOT NULL DEFAULT false,
    ial smallint NOT NULL CHECK (ial BETWEEN 1 AND 3),
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    is_published boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, key)
);

CREATE UNIQUE INDEX account_by_login ON account (tenant, login);
CREATE INDEX account_by_name ON account (tenant, name_key, born_on);
CREATE INDEX account_of_household ON account (tenant, household);
CREATE INDEX account_to_publish ON account (tenant, key) WHERE NOT is_published;

-- In which department a member of staff works from a day on, until their next line begins.
CREATE TABLE staff_post (
    tenant text NOT NULL,
    account text NOT NULL,
    since timestamptz NOT NULL,
    department text NOT NULL CHECK (department <> ''),
    PRIMARY KEY (tenant, account, since)
);

CREATE INDEX staff_post_of_department ON staff_post (tenant, department, since);

-- Sessions say how strong they are and how they came about. `id` names one to its owner; the digest stays hidden.
ALTER TABLE credential ADD COLUMN id text;
ALTER TABLE credential ADD COLUMN aal smallint NOT NULL DEFAULT 1 CHECK (aal BETWEEN 1 AND 3);
ALTER TABLE credential ADD COLUMN method text NOT NULL DEFAULT '';
ALTER TABLE credential ADD COLUMN device text NOT NULL DEFAULT '';
ALTER TABLE credential ADD COLUMN purpose text NOT NULL DEFAULT '';
ALTER TABLE credential ADD COLUMN last_used_at timestamptz;
ALTER TABLE credential ADD COLUMN idle_ends_at timestamptz;
ALTER TABLE credential DROP CONSTRAINT credential_kind_check;
ALTER TABLE credential ADD CONSTRAINT credential_kind_check
    CHECK (kind IN ('link', 'session', 'token', 'enrolment', 'device'));

CREATE INDEX credential_of_principal ON credential (tenant, principal, kind);

-- Passkeys: their public keys. `id` is the credential id in base64url.
CREATE TABLE passkey (
    tenant text NOT NULL,
    id text NOT NULL,
    account text NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    label text NOT NULL,
    is_backed_up boolean NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX passkey_of_account ON passkey (tenant, account);

-- Challenges that wait for their answer; taken once. `account`: for whom a passkey is to be made.
CREATE TABLE passkey_challenge (
    tenant text NOT NULL,
    digest text NOT NULL,
    account text,
    source text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, digest)
);

CREATE INDEX passkey_challenge_by_source ON passkey_challenge (tenant, source, expires_at);

-- Passwords of staff and the secret of their one-time codes. `totp_step`: the last step that was used, which is not taken again.
CREATE TABLE staff_password (
    tenant text NOT NULL,
    account text NOT NULL,
    hash text NOT NULL,
    totp_secret text NOT NULL,
    totp_step bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, account)
);

CREATE TABLE recovery_code (
    tenant text NOT NULL,
    account text NOT NULL,
    digest text NOT NULL,
    PRIMARY KEY (tenant, account, digest)
);

-- How long who tried in vain has to wait: by account, by source, by a device that is known.
CREATE TABLE sign_in_wait (
    tenant text NOT NULL,
    name text NOT NULL,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE INDEX sign_in_wait_by_last ON sign_in_wait (tenant, last_at);

-- Who acts for whom, since when and until when. Of one with `types` only grants follow (basis mandate:<id>), for these entity types.
CREATE TABLE mandate (
    tenant text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('parental', 'guardian', 'family', 'supporter')),
    person text NOT NULL,
    proxy text NOT NULL CHECK (proxy <> person),
    types text[] NOT NULL DEFAULT '{}',
    evidence text NOT NULL,
    recorded_by text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL CHECK (until > since),
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text,
    PRIMARY KEY (tenant, id),
    CHECK ((kind IN ('parental', 'guardian')) = (cardinality(types) = 0))
);

CREATE INDEX mandate_of_person ON mandate (tenant, person, until);
CREATE INDEX mandate_of_proxy ON mandate (tenant, proxy, until);

ALTER TABLE account ENABLE ROW LEVEL SECURITY;
ALTER TABLE account FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON account USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON account TO kairo_app;

ALTER TABLE staff_post ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff_post FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON staff_post USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_post TO kairo_app;

ALTER TABLE passkey ENABLE ROW LEVEL SECURITY;
ALTER TABLE passkey FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON passkey USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON passkey TO kairo_app;

ALTER TABLE passkey_challenge ENABLE ROW LEVEL SECURITY;
ALTER TABLE passkey_challenge FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON passkey_challenge USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON passkey_challenge TO kairo_app;

ALTER TABLE staff_password ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff_password FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON staff_password USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_password TO kairo_app;

ALTER TABLE recovery_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE recovery_code FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON recovery_code USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON recovery_code TO kairo_app;

ALTER TABLE sign_in_wait ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_in_wait FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON sign_in_wait USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_wait TO kairo_app;

ALTER TABLE mandate ENABLE ROW LEVEL SECURITY;
ALTER TABLE mandate FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON mandate USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON mandate TO kairo_app;
