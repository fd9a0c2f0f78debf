"""What is an entity, an attribute, a value? Reading them, checking them, writing them (CIM 009 clauses 4.5 to 4.8, 4.18)."""
