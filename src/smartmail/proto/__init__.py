"""Sans-I/O protocol engines and mail authentication arithmetic. Knows no SmartMail noun."""
