"""Which instances of an entity's attributes were there, and who may see them? Reading the past (CIM 009 5.7.3, 5.7.4)."""
