-- Every change paid for an index that only the dropping of synthetic history read. What happened to an entity is found by the
-- numbers in its history, which are those of the audit records.
DROP INDEX change_by_entity;
