-- What people demanded of the city about their data, and what the city owes of itself (trust/rights/README.md).

-- A request for disclosure, correction or the end of a use. `entity` and `attribute`: what is to be corrected; `withheld`: types left out
-- of a disclosure; `ial`, `aal`: how sure it was who asks.
CREATE TABLE rights_case (
    tenant text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('disclosure', 'correction', 'use-stop')),
    person text NOT NULL,
    asked_by text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('device', 'proxy', 'counter')),
    ial smallint NOT NULL,
    aal smallint NOT NULL,
    evidence text NOT NULL,
    entity text NOT NULL,
    attribute text NOT NULL,
    text text NOT NULL,
    state text NOT NULL CHECK (state IN ('received', 'completing', 'extended', 'granted', 'partly', 'refused', 'withdrawn')),
    received_at timestamptz NOT NULL,
    decision_days integer NOT NULL CHECK (decision_days BETWEEN 1 AND 30),
    withheld text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant, id)
);

CREATE INDEX rights_case_of_person ON rights_case (tenant, person, received_at);
CREATE INDEX rights_case_by_state ON rights_case (tenant, state, received_at);

-- What happened to it: who, when, why, on which articles, and what was done with the data.
CREATE TABLE rights_step (
    tenant text NOT NULL,
    case_id text NOT NULL,
    number integer NOT NULL,
    act text NOT NULL,
    at timestamptz NOT NULL,
    by text NOT NULL,
    text text NOT NULL,
    articles text[] NOT NULL,
    days integer NOT NULL,
    did text[] NOT NULL,
    PRIMARY KEY (tenant, case_id, number)
);

-- That the use of a person's data was ended: for these purposes (none named: for all that a grant opened).
CREATE TABLE use_stop (
    tenant text NOT NULL,
    person text NOT NULL,
    case_id text NOT NULL,
    purposes text[] NOT NULL,
    since timestamptz NOT NULL,
    by text NOT NULL,
    PRIMARY KEY (tenant, person, case_id)
);

-- What is to be disposed of, until a second person confirms it: then `entities` is emptied, and the certificate stays.
CREATE TABLE disposal_list (
    tenant text NOT NULL,
    id text NOT NULL,
    type text NOT NULL,
    kept_days integer NOT NULL,
    entities text[] NOT NULL,
    persons text[] NOT NULL,
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    confirm_by timestamptz NOT NULL,
    confirmed_by text CHECK (confirmed_by <> proposed_by),
    confirmed_at timestamptz,
    ended_by text,
    ended_at timestamptz,
    PRIMARY KEY (tenant, id),
    CHECK (num_nulls(confirmed_by, confirmed_at) IN (0, 2)),
    CHECK (num_nulls(ended_by, ended_at) IN (0, 2))
);

CREATE INDEX disposal_list_by_time ON disposal_list (tenant, proposed_at);

-- The proof. A digest is SHA-256 over the salt and the id of what is gone: who knows an id can check it, nobody can read one from it.
CREATE TABLE disposal_certificate (
    tenant text NOT NULL,
    list_id text NOT NULL,
    at timestamptz NOT NULL,
    type text NOT NULL,
    proposed_by text NOT NULL,
    confirmed_by text NOT NULL,
    salt bytea NOT NULL,
    digests bytea NOT NULL,
    rows_gone jsonb NOT NULL,
    PRIMARY KEY (tenant, list_id)
);

-- A leak that was noticed: what is stated of it. Whom it concerns is computed from the log anew each time.
CREATE TABLE breach (
    tenant text NOT NULL,
    id text NOT NULL,
    noticed_at timestamptz NOT NULL,
    principal text NOT NULL,
    type text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL CHECK (until > since),
    text text NOT NULL,
    is_malicious boolean NOT NULL,
    is_property boolean NOT NULL,
    is_protected boolean NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, id)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['rights_case', 'rights_step', 'use_stop', 'disposal_list', 'disposal_certificate', 'breach']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY by_tenant ON %I USING (tenant = current_setting(''app.tenant'', true))', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO kairo_app', name);
    END LOOP;
END $$;

GRANT UPDATE ON rights_case, disposal_list TO kairo_app;
-- With the person who is erased.
GRANT DELETE ON rights_case, rights_step, use_stop TO kairo_app;
