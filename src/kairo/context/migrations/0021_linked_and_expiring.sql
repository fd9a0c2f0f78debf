-- Which relationships the conditions of a subscription lead through, and which attributes they look at there: a commit keeps those
-- of linked entities with the events that it writes (context/subscriptions/neighbours.py). NULL: none, as for most.
ALTER TABLE subscription ADD COLUMN links jsonb;

-- What expires is found without a look at what does not.
CREATE INDEX entity_expiring ON entity (tenant, expires_at) WHERE expires_at IS NOT NULL;

-- Which tenants have something to remove is asked once, and not of every tenant: by the owner of the tables, who says that it looks
-- at all of them, and then sees what may expire and nothing else. For the application's role nothing changes.
CREATE POLICY expiring_of_all ON entity FOR SELECT
    USING (expires_at IS NOT NULL AND current_setting('app.tenant', true) = '*' AND current_user <> 'kairo_app');
