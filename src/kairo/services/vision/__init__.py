"""The Vision: the city's 14 projects, its indicators and its people, from the Smart City Vision into the graph and onto pages."""
