"""Rules between fields: the second pass, one file per concept; `check` runs them all."""
