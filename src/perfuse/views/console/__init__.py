"""The bedside console: a local server, one engine thread per run, and the built page."""
