"""SDK: what an application installs to ask before it discloses and to report what it disclosed."""
