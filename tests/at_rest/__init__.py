"""After a run with everything in it, its secrets are looked for wherever something can rest."""
