"""The portal: the front door of the city for residents: search, the map, live values, and any entity as a page."""
