-- The graph: entities as they are now, where they are, what they were, who changed them, and what still has to react.
-- Habits: docs/architecture.md and the table manifest in context/tables.py (tenant first in every key; row security forced).

-- Which tenants there are is no secret, and a process must be able to list them: the one table without row security.
CREATE TABLE tenant (
    tenant text PRIMARY KEY,
    name jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
);

-- Locked first by every writer of a tenant: change numbers are in the order of commits, and writers cannot deadlock.
CREATE TABLE change_counter (
    tenant text PRIMARY KEY,
    last_change bigint NOT NULL
);

CREATE TABLE entity (
    tenant text NOT NULL,
    id text NOT NULL,
    type_key text NOT NULL,
    scopes text[] NOT NULL DEFAULT '{}',
    doc jsonb NOT NULL,
    stamps jsonb NOT NULL,
    data_class text NOT NULL CHECK (data_class IN ('open', 'undeclared', 'personal')),
    withheld text[] NOT NULL DEFAULT '{}',
    writer text NOT NULL,
    controller text NOT NULL,
    type_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    expires_at timestamptz,
    change bigint NOT NULL,
    PRIMARY KEY (tenant, id)
) WITH (fillfactor = 80);

CREATE INDEX entity_by_type ON entity (tenant, type_key, id);

CREATE TABLE type_set (
    tenant text NOT NULL,
    type_key text NOT NULL,
    types text[] NOT NULL,
    PRIMARY KEY (tenant, type_key)
);

CREATE TABLE entity_geo (
    tenant text NOT NULL,
    entity text NOT NULL,
    attribute text NOT NULL,
    dataset text NOT NULL DEFAULT '@none',
    cell bigint NOT NULL, -- the quadtree node that holds the bounds (context/query/cells.py)
    bounds box NOT NULL,
    geometry jsonb NOT NULL,
    PRIMARY KEY (tenant, entity, attribute, dataset)
);

-- Not GiST on bounds: operators on boxes are not leakproof, so row security would keep the planner from using it.
CREATE INDEX entity_geo_by_place ON entity_geo (tenant, attribute, cell);

CREATE TABLE history (
    tenant text NOT NULL,
    entity text NOT NULL,
    attribute text NOT NULL,
    dataset text NOT NULL DEFAULT '@none',
    at timestamptz NOT NULL,
    change bigint NOT NULL,
    operation text NOT NULL CHECK (operation IN ('created', 'updated', 'deleted')),
    observed_at timestamptz,
    instance jsonb,
    PRIMARY KEY (tenant, entity, attribute, dataset, at, change)
) PARTITION BY RANGE (at);

CREATE TABLE history_other PARTITION OF history DEFAULT;

CREATE TABLE change (
    tenant text NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    principal text NOT NULL,
    purpose text NOT NULL,
    operation text NOT NULL,
    entity text NOT NULL,
    attributes text[] NOT NULL,
    request text NOT NULL,
    PRIMARY KEY (tenant, seq)
);

CREATE INDEX change_by_entity ON change (tenant, entity, seq);

CREATE TABLE outbox (
    tenant text NOT NULL,
    seq bigint NOT NULL,
    entity text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    not_before timestamptz,
    last_error text,
    PRIMARY KEY (tenant, seq)
);

CREATE TABLE stored_context (
    tenant text NOT NULL,
    url text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('Hosted', 'Cached', 'ImplicitlyCreated')),
    body jsonb NOT NULL,
    stored_at timestamptz NOT NULL,
    expires_at timestamptz,
    PRIMARY KEY (tenant, url)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['change_counter', 'entity', 'type_set', 'entity_geo', 'history', 'change', 'outbox',
                                'stored_context']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY by_tenant ON %I USING (tenant = current_setting(''app.tenant'', true))', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO kairo_app', name);
    END LOOP;
    -- What was changed, and by whom, is only ever added to: neither history nor change can be rewritten by the application.
    FOREACH name IN ARRAY ARRAY['change_counter', 'entity', 'type_set', 'entity_geo', 'outbox', 'stored_context']
    LOOP
        EXECUTE format('GRANT UPDATE, DELETE ON %I TO kairo_app', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT ON tenant TO kairo_app;
