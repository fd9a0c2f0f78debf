-- Who has which role, and what was released in an emergency. Each leads to rows of `access_grant`; these tables say why, and who decided.

CREATE TABLE role_assignment (
    tenant text NOT NULL,
    id text NOT NULL,
    principal text NOT NULL,
    role text NOT NULL,
    department text NOT NULL,
    area text NOT NULL,
    purpose text NOT NULL,
    reason text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL CHECK (until > since),
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    confirm_by timestamptz,
    confirmed_by text CHECK (confirmed_by NOT IN (proposed_by, principal)),
    confirmed_at timestamptz,
    ended_by text,
    ended_at timestamptz,
    PRIMARY KEY (tenant, id),
    CHECK (num_nulls(confirmed_by, confirmed_at) IN (0, 2)),
    CHECK (num_nulls(ended_by, ended_at) IN (0, 2))
);

CREATE INDEX role_assignment_of_principal ON role_assignment (tenant, principal, until);
CREATE INDEX role_assignment_by_end ON role_assignment (tenant, until);

-- `items`: what is released, each on its basis: [{"type", "attributes", "basis", "cites"}]. A drill has the same steps and gives nothing.
CREATE TABLE emergency_release (
    tenant text NOT NULL,
    id text NOT NULL,
    is_drill boolean NOT NULL,
    reason text NOT NULL,
    area text NOT NULL,
    recipients text[] NOT NULL CHECK (cardinality(recipients) > 0),
    items jsonb NOT NULL,
    opened_by text NOT NULL,
    opened_at timestamptz NOT NULL,
    confirm_by timestamptz NOT NULL,
    until timestamptz NOT NULL CHECK (until > opened_at),
    confirmed_by text CHECK (confirmed_by <> opened_by),
    confirmed_at timestamptz,
    closed_by text,
    closed_at timestamptz,
    PRIMARY KEY (tenant, id),
    CHECK (num_nulls(confirmed_by, confirmed_at) IN (0, 2)),
    CHECK (num_nulls(closed_by, closed_at) IN (0, 2))
);

CREATE INDEX emergency_release_by_time ON emergency_release (tenant, opened_at);

-- Whom a release concerned: they are told when it is over.
CREATE TABLE emergency_notice (
    tenant text NOT NULL,
    person text NOT NULL,
    release text NOT NULL,
    PRIMARY KEY (tenant, person, release)
);

-- Who may see this? Asked by person, and by what is granted for areas and roles (subject NULL).
CREATE INDEX access_grant_by_subject ON access_grant (tenant, subject);

ALTER TABLE role_assignment ENABLE ROW LEVEL SECURITY;
ALTER TABLE role_assignment FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON role_assignment USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE ON role_assignment TO kairo_app;

ALTER TABLE emergency_release ENABLE ROW LEVEL SECURITY;
ALTER TABLE emergency_release FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON emergency_release USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE ON emergency_release TO kairo_app;

ALTER TABLE emergency_notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE emergency_notice FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON emergency_notice USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON emergency_notice TO kairo_app;
