-- Attribute indexes chosen by use (docs/adr/0017): which there are, what stands in them, and what is asked for.

-- The version of the tenant's indexes: read by every writer with its change numbers, in the same row and under the same lock, so
-- that an index is kept by every commit from its own on. Each new index takes the new version as its number, used once.
ALTER TABLE change_counter ADD COLUMN indexing bigint NOT NULL DEFAULT 0;

CREATE TABLE attribute_index (
    tenant text NOT NULL,
    index_id bigint NOT NULL,
    type_key text NOT NULL,
    attribute text NOT NULL,
    state text NOT NULL CHECK (state IN ('building', 'ready', 'leaving')),
    most_values integer NOT NULL,        -- of one entity; fixed for the index: writers compare what is with what was
    filled_to text NOT NULL DEFAULT '',  -- building: up to this entity's id it is complete
    made_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, index_id),
    UNIQUE (tenant, type_key, attribute)
);

-- The key is the whole row: an entity under each value that its attribute holds, in the spelling of context/indexing/keys.py.
CREATE TABLE attribute_value (
    tenant text NOT NULL,
    index_id bigint NOT NULL,
    value text COLLATE "C" NOT NULL,
    entity text NOT NULL,
    PRIMARY KEY (tenant, index_id, value, entity)
);

-- How often, on a day, an index on the attribute helped or would have.
CREATE TABLE attribute_use (
    tenant text NOT NULL,
    type_key text NOT NULL,
    attribute text NOT NULL,
    day date NOT NULL,
    times bigint NOT NULL,
    PRIMARY KEY (tenant, type_key, attribute, day)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['attribute_index', 'attribute_value', 'attribute_use']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY by_tenant ON %I USING (tenant = current_setting(''app.tenant'', true))', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO kairo_app', name);
    END LOOP;
    -- Which tenants have any is asked once by the owner, as in 0017.
    FOREACH name IN ARRAY ARRAY['attribute_index', 'attribute_use']
    LOOP
        EXECUTE format('CREATE POLICY of_all ON %I FOR SELECT USING (current_setting(''app.tenant'', true) = ''*'''
                       ' AND current_user <> ''kairo_app'')', name);
    END LOOP;
END $$;
