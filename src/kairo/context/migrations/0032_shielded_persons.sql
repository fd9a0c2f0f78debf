-- Persons whom nothing may reveal (DV等支援措置): what is about them is released by grants of themselves alone, never by one of an area or
-- of a role (docs/adr/0018). Trust says who they are.
CREATE TABLE shielded_person (
    tenant text NOT NULL,
    subject text NOT NULL,
    PRIMARY KEY (tenant, subject)
);

ALTER TABLE shielded_person ENABLE ROW LEVEL SECURITY;
ALTER TABLE shielded_person FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON shielded_person USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, DELETE ON shielded_person TO kairo_app;
