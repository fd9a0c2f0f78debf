"""The broker over HTTP: `/ngsi-ld/v1` (ETSI GS CIM 009 clause 6), a plain ASGI callable in front of the page framework."""
