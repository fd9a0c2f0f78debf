"""The city, one folder a service: reading this folder tells an official what runs."""
