"""The resources of the admin API, one small file each: shapes, handlers, and the operations that name them."""
