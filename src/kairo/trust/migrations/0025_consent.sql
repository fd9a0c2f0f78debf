-- What people agreed to. Texts and events are never changed nor deleted: the application's role may only add to them.

-- The words of a purpose, as somebody was asked with them; known by their digest (SHA-256 of their canonical JSON).
CREATE TABLE consent_text (
    tenant text NOT NULL,
    digest text NOT NULL,
    purpose text NOT NULL,
    version integer NOT NULL,
    content jsonb NOT NULL,
    first_used_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, digest)
);

-- How each consent stands now. `until`: when it ends; of a request, the longest end that was asked for.
CREATE TABLE consent (
    tenant text NOT NULL,
    id text NOT NULL,
    subject text NOT NULL,
    recipient text NOT NULL,
    purpose text NOT NULL,
    state text NOT NULL CHECK (state IN ('asked', 'given', 'refused', 'withdrawn', 'expired')),
    version integer NOT NULL,
    text text NOT NULL,
    categories text[] NOT NULL CHECK (cardinality(categories) > 0),
    until timestamptz NOT NULL,
    since timestamptz NOT NULL,
    asked_by text,
    answer_by timestamptz,
    ends_at timestamptz,
    changed_at timestamptz NOT NULL,
    grants text[] NOT NULL,
    PRIMARY KEY (tenant, id),
    CHECK ((state IN ('asked', 'given')) = (ends_at IS NOT NULL))
);

-- One in force for a person, a recipient and a purpose: a new one takes the place of the one before.
CREATE UNIQUE INDEX consent_in_force ON consent (tenant, subject, recipient, purpose) WHERE state = 'given';
CREATE INDEX consent_of_subject ON consent (tenant, subject, changed_at);
CREATE INDEX consent_of_recipient ON consent (tenant, recipient, changed_at);
CREATE INDEX consent_by_end ON consent (tenant, ends_at) WHERE ends_at IS NOT NULL;

-- What happened to it: who did what, for whom, how their will came here, and what was agreed to by that.
CREATE TABLE consent_event (
    tenant text NOT NULL,
    consent text NOT NULL,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    act text NOT NULL CHECK (act IN ('ask', 'give', 'refuse', 'change', 'withdraw', 'expire')),
    principal text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('device', 'paper', 'proxy', 'program')),
    evidence text NOT NULL,
    version integer NOT NULL,
    text text NOT NULL,
    categories text[] NOT NULL,
    until timestamptz NOT NULL,
    replaced_by text,
    PRIMARY KEY (tenant, consent, number),
    CHECK (channel <> 'paper' OR evidence <> '')
);

-- A code that a person shows to someone: by it they are chosen, or asked. Used once, within minutes.
CREATE TABLE consent_code (
    tenant text NOT NULL,
    person text NOT NULL,
    code text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, person)
);

CREATE UNIQUE INDEX consent_code_by_code ON consent_code (tenant, code);

-- How many wrong codes somebody has tried in an hour.
CREATE TABLE consent_code_trial (
    tenant text NOT NULL,
    principal text NOT NULL,
    hour timestamptz NOT NULL,
    wrong integer NOT NULL,
    PRIMARY KEY (tenant, principal, hour)
);

ALTER TABLE consent_text ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_text FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON consent_text USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT ON consent_text TO kairo_app;

ALTER TABLE consent ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON consent USING (tenant = current_setting('app.tenant', true));
CREATE POLICY of_all ON consent FOR SELECT USING (current_setting('app.tenant', true) = '*' AND current_user <> 'kairo_app');
GRANT SELECT, INSERT, UPDATE ON consent TO kairo_app;

ALTER TABLE consent_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_event FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON consent_event USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT ON consent_event TO kairo_app;

ALTER TABLE consent_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_code FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON consent_code USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON consent_code TO kairo_app;

ALTER TABLE consent_code_trial ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_code_trial FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON consent_code_trial USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON consent_code_trial TO kairo_app;
