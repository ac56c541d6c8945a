"""Our own authorization server for mail programs: a person agrees in the browser, the program gets tokens that die alone.

`clients` knows programs, `consents` what a person agreed to, `service` codes and tokens. Must not know HTTP.
"""

from smartmail.service.identity.oauth.clients import Client, Clients
from smartmail.service.identity.oauth.consents import Consents, Wish
from smartmail.service.identity.oauth.service import SCOPES, OauthService, Tokens

__all__ = ["SCOPES", "Client", "Clients", "Consents", "OauthService", "Tokens", "Wish"]
