"""Who may ask, and what was asked of whom: roles, keys, tokens of an OpenID provider, the log of look-ups."""
