-- Whom the data are about, and who was granted them (docs/adr/0018). Trust fills `access_grant`, the broker joins it.

-- The persons whom an entity ('*') or one of its attributes is about. Written with the entity, as its types declare.
CREATE TABLE entity_subject (
    tenant text NOT NULL,
    entity text NOT NULL,
    attribute text NOT NULL,
    subject text NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (tenant, entity, attribute, subject, role)
);

CREATE INDEX entity_subject_by_subject ON entity_subject (tenant, subject, entity);

-- What a principal may read for a purpose, on which basis, from when and until when: of one person, of an area (a scope and those
-- below it), or where the person who asks, or is acted for, stands in a role. `attributes` NULL: all of the types.
CREATE TABLE access_grant (
    tenant text NOT NULL,
    id text NOT NULL,
    principal text NOT NULL,
    purpose text NOT NULL,
    subject text,
    area text,
    relation text,
    types text[] NOT NULL CHECK (cardinality(types) > 0),
    attributes text[] CHECK (cardinality(attributes) > 0),
    basis text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL CHECK (until > since),
    PRIMARY KEY (tenant, id),
    CHECK (num_nonnulls(subject, area, relation) = 1)
);

CREATE INDEX access_grant_of_principal ON access_grant (tenant, principal, purpose, subject);

ALTER TABLE entity_subject ENABLE ROW LEVEL SECURITY;
ALTER TABLE entity_subject FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON entity_subject USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON entity_subject TO kairo_app;

ALTER TABLE access_grant ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_grant FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON access_grant USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON access_grant TO kairo_app;
