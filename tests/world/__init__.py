"""Services on loopback that a test scripts: they keep a record, and misbehave on demand."""
