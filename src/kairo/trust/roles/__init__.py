"""Who on the staff may do what, why and until when? Roles, their assignments, and the duty under which somebody works."""
