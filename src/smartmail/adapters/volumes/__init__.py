"""Where sealed blobs lie: local pack files, S3 objects."""
