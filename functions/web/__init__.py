"""HTTP at the edge: pages, the API, schemas, errors, security."""
