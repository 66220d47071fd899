"""Reports as files: JSON, CSV, HTML, PDF and text, all of one document in plain language."""
