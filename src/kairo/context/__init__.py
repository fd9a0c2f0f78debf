"""The NGSI-LD context broker, by chapter of ETSI GS CIM 009."""
