-- Grants open the past, and notifications of changes (docs/adr/0018).

-- Whom an entity has ever been about: what it was about before is not about those alone whom it names today. `is_now`: it names them now.
ALTER TABLE entity_subject ADD COLUMN is_now boolean NOT NULL DEFAULT true;

-- For which purpose somebody subscribed: grants are given for one.
ALTER TABLE subscription ADD COLUMN purpose text NOT NULL DEFAULT '';
