-- Subscriptions of strangers (CIM 009 5.8) and what they are still owed (docs/adr/0015).

-- Which version of the watched types and attributes holds: read by every writer with its change numbers, in the same row and
-- under the same lock, so that a subscription takes effect between two commits and never within one.
ALTER TABLE change_counter ADD COLUMN watching bigint NOT NULL DEFAULT 0;

CREATE TABLE subscription (
    tenant text NOT NULL,
    id text NOT NULL,
    principal text NOT NULL,           -- who subscribed: the gate is asked anew for it at each notification
    body jsonb NOT NULL,               -- the definition, its names stored names (context/subscriptions/members.py)
    revision bigint NOT NULL,
    since bigint NOT NULL,             -- changes up to this number are not its concern
    is_active boolean NOT NULL,
    expires_at timestamptz,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- What changes while notifications go out, apart from the definition: small rows that are updated in place.
CREATE TABLE subscription_state (
    tenant text NOT NULL,
    subscription text NOT NULL,
    times_sent bigint NOT NULL DEFAULT 0,
    times_failed bigint NOT NULL DEFAULT 0,
    last_notification timestamptz,
    last_success timestamptz,
    last_failure timestamptz,
    failures integer NOT NULL DEFAULT 0, -- in a row
    not_before timestamptz,              -- the pause after a failure
    next_at timestamptz,                 -- of a periodic one (timeInterval)
    last_error text,
    PRIMARY KEY (tenant, subscription)
) WITH (fillfactor = 50);

-- Who has to be asked about a change: by type and attribute ('*': any), and by entity where ids are named ('': any).
CREATE TABLE subscription_watch (
    tenant text NOT NULL,
    type text NOT NULL,
    attribute text NOT NULL,
    entity text NOT NULL,
    subscription text NOT NULL,
    PRIMARY KEY (tenant, type, attribute, entity, subscription)
);

CREATE INDEX subscription_watch_of ON subscription_watch (tenant, subscription);

-- Watched changes, written in the commit of the change: the entity as it became (of a deleted one: as it was) and what was before.
CREATE TABLE notification_event (
    tenant text NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    entity text NOT NULL,
    state jsonb NOT NULL,
    PRIMARY KEY (tenant, seq)
);

-- Up to which change events were matched with subscriptions.
CREATE TABLE notification_progress (
    tenant text PRIMARY KEY,
    seq bigint NOT NULL
);

-- What is owed: an event to a subscription.
CREATE TABLE notification (
    tenant text NOT NULL,
    subscription text NOT NULL,
    seq bigint NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, subscription, seq)
);

CREATE INDEX notification_of_event ON notification (tenant, seq);

-- What could not be delivered.
CREATE TABLE dead_letter (
    tenant text NOT NULL,
    subscription text NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    attempts integer NOT NULL,
    error text NOT NULL,
    PRIMARY KEY (tenant, subscription, seq)
);

CREATE INDEX dead_letter_of_event ON dead_letter (tenant, seq);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['subscription', 'subscription_state', 'subscription_watch', 'notification_event',
                                'notification_progress', 'notification', 'dead_letter']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY by_tenant ON %I USING (tenant = current_setting(''app.tenant'', true))', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO kairo_app', name);
    END LOOP;
END $$;
