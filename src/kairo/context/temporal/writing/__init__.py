"""How is the past written, corrected and erased? The temporal API's own changes (CIM 009 5.6.11 to 5.6.16, docs/adr/0014)."""
