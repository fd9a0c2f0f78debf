"""How does a change become notifications that arrive? Noticed in its commit, matched in order, sent a queue each (docs/adr/0015)."""
