"""SmartMail: one program that receives, stores, serves, sends and governs mail.

Start with docs/architecture.md, then domain/message.py, service/flow/delivery, app/serving/bootstrap.py.
"""
