-- Who looked at whose data (trust/disclosure/README.md): one row a look, its persons beside it, and a Merkle tree over the rows (RFC 9162). The
-- program may add and read, and change nothing: what it may change is where the tree stands, and what it may delete is the key of
-- a person, which makes the rows about them say nothing any more.

-- Where the tree of a tenant stands: its rows, the roots of its whole subtrees from the left (32 bytes each), how many are signed.
CREATE TABLE disclosure_tree (
    tenant text PRIMARY KEY,
    size bigint NOT NULL,
    at timestamptz NOT NULL,
    frontier bytea NOT NULL,
    signed bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- `principal` and `persons` (16 bytes each) hold pseudonyms in place of residents; `parts`: which attributes of which types, on which
-- bases; `leaf`: the hash of it all, persons included.
CREATE TABLE disclosure_look (
    tenant text NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('look', 'processing')),
    principal text NOT NULL,
    persons bytea NOT NULL,
    purpose text NOT NULL,
    parts jsonb NOT NULL,
    entities bigint NOT NULL,
    what text NOT NULL,
    leaf bytea NOT NULL CHECK (octet_length(leaf) = 32),
    PRIMARY KEY (tenant, seq)
);

CREATE INDEX disclosure_look_by_time ON disclosure_look (tenant, at);
CREATE INDEX disclosure_look_by_principal ON disclosure_look (tenant, principal, seq);

-- The persons of a look, and which of its parts is about them.
CREATE TABLE disclosure_subject (
    tenant text NOT NULL,
    seq bigint NOT NULL,
    subject bytea NOT NULL,
    part smallint NOT NULL,
    PRIMARY KEY (tenant, seq, subject, part)
);

CREATE INDEX disclosure_subject_by_subject ON disclosure_subject (tenant, subject, seq);

-- Hashes of whole subtrees: of 16 rows (level 4), 256 (level 8), and so on.
CREATE TABLE disclosure_node (
    tenant text NOT NULL,
    level smallint NOT NULL,
    position bigint NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (tenant, level, position)
);

CREATE TABLE disclosure_head (
    tenant text NOT NULL,
    size bigint NOT NULL,
    key_id text NOT NULL,
    at timestamptz NOT NULL,
    root bytea NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (tenant, size, key_id)
);

-- The one place that says which person a pseudonym is. The pseudonym is an HMAC of the person's URI under the key.
CREATE TABLE disclosure_key (
    tenant text NOT NULL,
    subject text NOT NULL,
    key bytea NOT NULL,
    pseudonym bytea NOT NULL,
    PRIMARY KEY (tenant, subject)
);

-- Without the tenant: a plan made while the table was empty would walk through a whole tenant in it.
CREATE INDEX disclosure_key_by_pseudonym ON disclosure_key (pseudonym);

-- What a resident asks about a look, and what staff answer.
CREATE TABLE access_question (
    tenant text NOT NULL,
    id text NOT NULL,
    seq bigint NOT NULL,
    person text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'answered')),
    question text NOT NULL,
    answer text NOT NULL DEFAULT '',
    asked_at timestamptz NOT NULL,
    answered_at timestamptz,
    answered_by text,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX access_question_of_person ON access_question (tenant, person, seq);
CREATE INDEX access_question_by_state ON access_question (tenant, state, asked_at);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['disclosure_tree', 'disclosure_look', 'disclosure_subject', 'disclosure_node', 'disclosure_head',
                                'disclosure_key', 'access_question']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY by_tenant ON %I USING (tenant = current_setting(''app.tenant'', true))', name);
    END LOOP;
END $$;

-- Which trees have grown since they were signed is asked once for all tenants.
CREATE POLICY of_all ON disclosure_tree FOR SELECT
    USING (current_setting('app.tenant', true) = '*' AND current_user <> 'kairo_app');

GRANT SELECT, INSERT ON disclosure_look, disclosure_subject, disclosure_node, disclosure_head TO kairo_app;
GRANT SELECT, INSERT, UPDATE ON disclosure_tree TO kairo_app;
GRANT SELECT, INSERT, DELETE ON disclosure_key TO kairo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON access_question TO kairo_app;
