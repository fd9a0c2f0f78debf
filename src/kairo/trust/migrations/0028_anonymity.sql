-- What was told of populations and in which numbers, what privacy budget was spent, and which extracts were handed out.

-- One row a population (an entity type): its version grows with every table, so that two tables are not made side by side unseen.
CREATE TABLE statistic_population (
    tenant text NOT NULL,
    population text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (tenant, population)
);

-- The ledger: of which group (`condition`, by its SHA-256 in `digest`) which number was told, or held back as small. `measure`: empty for
-- the number of persons, else the attribute whose sum (`amount`) was told beside it.
CREATE TABLE statistic_number (
    tenant text NOT NULL,
    population text NOT NULL,
    measure text NOT NULL,
    digest text NOT NULL,
    condition text NOT NULL,
    persons bigint NOT NULL CHECK (persons >= 0),
    told boolean NOT NULL,
    amount double precision,
    PRIMARY KEY (tenant, population, measure, digest),
    CHECK ((measure = '') = (amount IS NULL))
);

-- The tables. `cells` holds what is told (null: withheld); `kept` how many persons each cell had when it was decided, told to nobody.
CREATE TABLE statistic_release (
    tenant text NOT NULL,
    id text NOT NULL,
    population text NOT NULL,
    question text NOT NULL,
    k integer NOT NULL CHECK (k >= 3),
    measure text NOT NULL,
    axes jsonb NOT NULL,
    cells jsonb NOT NULL,
    kept jsonb NOT NULL,
    title text NOT NULL,
    synthetic boolean NOT NULL,
    asked_by text NOT NULL,
    purpose text NOT NULL,
    asked_at timestamptz NOT NULL,
    published_by text,
    published_at timestamptz,
    PRIMARY KEY (tenant, id),
    CHECK (num_nulls(published_by, published_at) IN (0, 2))
);

CREATE INDEX statistic_release_by_question ON statistic_release (tenant, population, question, asked_at);
CREATE INDEX statistic_release_published ON statistic_release (tenant, published_at);

-- In thousandths of epsilon.
CREATE TABLE privacy_budget (
    tenant text NOT NULL,
    population text NOT NULL,
    period text NOT NULL,
    budget integer NOT NULL CHECK (budget >= 0),
    spent integer NOT NULL CHECK (spent BETWEEN 0 AND budget),
    PRIMARY KEY (tenant, population, period)
);

-- Answers with noise, kept so that the same question gets the same answer.
CREATE TABLE noisy_answer (
    tenant text NOT NULL,
    population text NOT NULL,
    period text NOT NULL,
    question text NOT NULL,
    epsilon integer NOT NULL CHECK (epsilon > 0),
    axes jsonb NOT NULL,
    cells jsonb NOT NULL,
    synthetic boolean NOT NULL,
    asked_by text NOT NULL,
    purpose text NOT NULL,
    asked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, population, period, question, epsilon)
);

-- What somebody wants to extract: it waits for a second person, for a day. `wish`: the whole of it, as it was agreed to.
CREATE TABLE extract_request (
    tenant text NOT NULL,
    id text NOT NULL,
    wish jsonb NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    agreed_by text CHECK (agreed_by <> asked_by),
    agreed_at timestamptz,
    PRIMARY KEY (tenant, id),
    CHECK (num_nulls(agreed_by, agreed_at) IN (0, 2))
);

CREATE INDEX extract_request_by_time ON extract_request (tenant, valid_until);

-- Each extract that left: who, what for, on which basis, to whom, which columns, how many rows, and the digest of the very file.
CREATE TABLE data_extract (
    tenant text NOT NULL,
    id text NOT NULL,
    request text NOT NULL,
    population text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('pseudonymised', 'anonymised')),
    recipient text NOT NULL,
    third_party boolean NOT NULL,
    series text NOT NULL,
    basis text NOT NULL,
    columns text[] NOT NULL CHECK (cardinality(columns) > 0),
    sensitive text[] NOT NULL,
    k_reached integer NOT NULL,
    l_reached integer NOT NULL,
    persons integer NOT NULL CHECK (persons > 0),
    left_out integer NOT NULL,
    format text NOT NULL CHECK (format IN ('csv', 'json')),
    file_digest text NOT NULL,
    made_by text NOT NULL,
    agreed_by text NOT NULL CHECK (agreed_by <> made_by),
    purpose text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, id),
    CHECK (NOT (third_party AND kind = 'pseudonymised'))
);

CREATE INDEX data_extract_by_time ON data_extract (tenant, made_at);

ALTER TABLE statistic_population ENABLE ROW LEVEL SECURITY;
ALTER TABLE statistic_population FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON statistic_population USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON statistic_population TO kairo_app;

ALTER TABLE statistic_number ENABLE ROW LEVEL SECURITY;
ALTER TABLE statistic_number FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON statistic_number USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON statistic_number TO kairo_app;

ALTER TABLE statistic_release ENABLE ROW LEVEL SECURITY;
ALTER TABLE statistic_release FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON statistic_release USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON statistic_release TO kairo_app;

ALTER TABLE privacy_budget ENABLE ROW LEVEL SECURITY;
ALTER TABLE privacy_budget FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON privacy_budget USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON privacy_budget TO kairo_app;

ALTER TABLE noisy_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE noisy_answer FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON noisy_answer USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON noisy_answer TO kairo_app;

ALTER TABLE extract_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE extract_request FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON extract_request USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON extract_request TO kairo_app;

ALTER TABLE data_extract ENABLE ROW LEVEL SECURITY;
ALTER TABLE data_extract FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON data_extract USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON data_extract TO kairo_app;
