-- What the temporal API needs (docs/adr/0014): instances can be corrected and erased, and who may see the past of an entity is
-- known after its types changed or it was deleted.

-- When an instance was corrected; NULL: never, it is as it was entered (`at`).
ALTER TABLE history ADD COLUMN modified_at timestamptz;

-- What an entity was up to and with a change: before its types changed, before it was deleted, or because it is known by its
-- past only. Rows of history that no row here and no present entity covers are shown to nobody.
CREATE TABLE entity_past (
    tenant text NOT NULL,
    entity text NOT NULL,
    last_change bigint NOT NULL,
    type_key text NOT NULL,
    data_class text NOT NULL CHECK (data_class IN ('open', 'undeclared', 'personal')),
    personal text[] NOT NULL DEFAULT '{}', -- the attributes that were personal by declaration of its types then
    writer text NOT NULL,
    controller text NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    is_synthetic boolean NOT NULL DEFAULT false,
    deleted_at timestamptz, -- NULL: it was not deleted, its types changed or it was never but in the past
    PRIMARY KEY (tenant, entity, last_change)
);

CREATE INDEX entity_past_by_type ON entity_past (tenant, type_key, entity);

ALTER TABLE entity_past ENABLE ROW LEVEL SECURITY;
ALTER TABLE entity_past FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON entity_past USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON entity_past TO kairo_app;

-- Deleting and correcting single instances is what the temporal API is for, for instance where the law demands it (CIM 009
-- 4.5.7). Each leaves an audit record in `change`, which stays one that the application can only add to.
GRANT DELETE, UPDATE (instance, observed_at, modified_at) ON history TO kairo_app;

-- Queries of the past go by observedAt unless told otherwise; rows without one are not in this index and cost no more to write.
CREATE INDEX history_by_observed ON history (tenant, entity, attribute, observed_at) WHERE observed_at IS NOT NULL;

CREATE OR REPLACE VIEW creation_history WITH (security_invoker = true) AS
SELECT h.tenant, h.entity, a.key AS attribute, coalesce(a.value ->> 'datasetId', '@none') AS dataset, h.at, h.change, h.number,
       h.operation, (a.value ->> 'observedAt')::timestamptz AS observed_at, a.value AS instance, h.modified_at
FROM history h, jsonb_each(h.instance) AS a WHERE h.attribute = '*';

CREATE OR REPLACE VIEW attribute_history WITH (security_invoker = true) AS
SELECT tenant, entity, attribute, dataset, at, change, number, operation, observed_at, instance, modified_at
FROM history WHERE attribute <> '*'
UNION ALL
SELECT tenant, entity, attribute, dataset, at, change, number, operation, observed_at, instance, modified_at
FROM creation_history;

DO $$
DECLARE one text;
BEGIN
    FOR one IN SELECT tenant FROM tenant LOOP
        PERFORM set_config('app.tenant', one, true);
        -- A scope that the graph was given is observed when it was set (CIM 009 4.5.6).
        UPDATE history SET observed_at = at WHERE tenant = one AND attribute = 'scope' AND instance IS NOT NULL;
        -- Entities that are there, were others before, and nobody noted what: whoever may not see personal data does not see that.
        INSERT INTO entity_past (tenant, entity, last_change, type_key, data_class, writer, controller, created_at, modified_at)
        SELECT e.tenant, e.id, max(h.change), e.type_key, 'personal', e.writer, e.controller, min(h.at), max(h.at)
        FROM entity e JOIN history h ON h.tenant = e.tenant AND h.entity = e.id
        WHERE e.tenant = one AND (h.at < e.created_at OR h.attribute = 'type')
        GROUP BY e.tenant, e.id;
    END LOOP;
END $$;
