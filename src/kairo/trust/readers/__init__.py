"""Who may see this, and why?"""
