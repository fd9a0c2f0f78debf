"""Who is known to this municipality: residents, staff, organisations, applications, devices."""
