"""The admin API: /admin/v1 on the admin host. One table of operations is what is served, what is validated and what the
OpenAPI document says.

Begin with `operation.py` (what an operation is), `resources/` (all of them, one small file each) and `serving.py` (what is
done around each call). Must not know ports, policy or how anything is stored: every act goes through a service.
"""
