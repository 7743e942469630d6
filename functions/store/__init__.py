"""Where objects are kept: a folder or an S3 bucket, and the outbox that feeds it."""
