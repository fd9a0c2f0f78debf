-- The creation of an entity is one row of history, not one for each attribute (docs/adr/0013); one change may bring several
-- instances of an attribute (`number`).

ALTER TABLE history DROP CONSTRAINT history_pkey;
ALTER TABLE history ADD COLUMN number integer NOT NULL DEFAULT 0;
ALTER TABLE history ADD PRIMARY KEY (tenant, entity, attribute, dataset, at, change, number);

-- A row with attribute '*' (no attribute's name) holds all attributes of a new entity by name, a single instance of each: here
-- they stand one by one.
CREATE VIEW creation_history WITH (security_invoker = true) AS
SELECT h.tenant, h.entity, a.key AS attribute, coalesce(a.value ->> 'datasetId', '@none') AS dataset, h.at, h.change, h.number,
       h.operation, (a.value ->> 'observedAt')::timestamptz AS observed_at, a.value AS instance
FROM history h, jsonb_each(h.instance) AS a WHERE h.attribute = '*';

CREATE VIEW attribute_history WITH (security_invoker = true) AS
SELECT tenant, entity, attribute, dataset, at, change, number, operation, observed_at, instance
FROM history WHERE attribute <> '*'
UNION ALL
SELECT tenant, entity, attribute, dataset, at, change, number, operation, observed_at, instance
FROM creation_history;

GRANT SELECT ON creation_history, attribute_history TO kairo_app;
