"""The console: pages for people who never use a shell, made on the server."""
