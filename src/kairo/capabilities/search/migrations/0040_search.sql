-- What can be found: one row for each entity and wording (language), with the gate's columns; and in which entities two
-- characters stand side by side. Both follow the graph and can be made anew from it (search/indexing.py).

CREATE TABLE search_entry (
    tenant text NOT NULL,
    entity text NOT NULL,
    language text NOT NULL,          -- the first language that this wording serves; 'all' when it serves every one
    serves text[] NOT NULL,
    number bigint NOT NULL,          -- a digest of the entity: what search_gram points to
    types text[] NOT NULL,
    title text NOT NULL,
    shown text NOT NULL,             -- the other texts as they were written, one a line
    title_key text NOT NULL,         -- folded (normalise.py)
    kana_key text NOT NULL,
    folded text NOT NULL,            -- title, reading and the lines of `shown`, folded, one a line
    weight smallint NOT NULL,        -- synthetic entities stand behind real ones
    data_class text NOT NULL CHECK (data_class IN ('open', 'undeclared', 'personal')),
    writer text NOT NULL,
    digest text NOT NULL,            -- of everything above: the same digest, nothing to write
    modified_at timestamptz NOT NULL, -- of the entity, when these texts were last written
    expires_at timestamptz,
    PRIMARY KEY (tenant, entity, language)
);

CREATE INDEX search_entry_by_number ON search_entry (tenant, number);

-- A GIN index over arrays of bigrams would be smaller, but under row-level security it is never used: its operators are not
-- leakproof (the same holds for LIKE). Comparisons of text are, so the pairs stand in a table with an ordinary key.
CREATE TABLE search_gram (
    tenant text NOT NULL,
    gram text NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (tenant, gram, number)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['search_entry', 'search_gram']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY by_tenant ON %I USING (tenant = current_setting(''app.tenant'', true))', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO kairo_app', name);
    END LOOP;
END $$;
