"""Cookies: out of reach of scripts, of this site alone, and over https only wherever there is https."""

from litestar.datastructures import Cookie

from disclosure_ledger.api.settings import ApiSettings

_HOST_PREFIX = "__Host-"


def session_cookie_name(settings: ApiSettings) -> str:
    """Name of the cookie that has the session; with https no other host can set one of this name."""
    return _name(settings, "disclosures-session")


def login_cookie_name(settings: ApiSettings) -> str:
    """Name of the cookie between leaving for the OpenID provider and coming back."""
    return _name(settings, "disclosures-login")


def csrf_cookie_name(settings: ApiSettings) -> str:
    """Name of the cookie that a form's hidden field must repeat."""
    return _name(settings, "disclosures-csrf")


def cookie(settings: ApiSettings, name: str, value: str) -> Cookie:
    """A cookie for the browser's session. Lax: it comes along when the provider sends the browser back."""
    return Cookie(key=name, value=value, path="/", httponly=True, samesite="lax", secure=settings.is_https)


def expired(settings: ApiSettings, name: str) -> Cookie:
    """Takes a cookie back."""
    return Cookie(
        key=name, value="", path="/", httponly=True, samesite="lax", secure=settings.is_https, max_age=0
    )


def _name(settings: ApiSettings, name: str) -> str:
    return f"{_HOST_PREFIX}{name}" if settings.is_https else name
