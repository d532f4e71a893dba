"""All settings, from environment variables with the prefix FLOWSTUDIO_ (also DATABASE_URL and REDIS_URL).

A wrong value stops the start with a sentence that names it.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("FLOWSTUDIO_DATA", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)


def _kept_secret(name: str) -> str:
    """A secret made at the first start and kept in the data folder, readable by its owner only."""
    path = DATA_DIR / name
    if not path.exists():
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


def _number(name: str, default: int, low: int, high: int) -> int:
    raw = env.str(name, default=str(default))
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}.") from None
    if not low <= value <= high:
        raise ImproperlyConfigured(f"{name} must lie between {low} and {high}, not {value}.")
    return value


DEBUG = env.bool("FLOWSTUDIO_DEBUG", default=False)
SECRET_KEY = env.str("FLOWSTUDIO_SECRET_KEY", default="") or _kept_secret("secret-key")
# Comma-separated; the first encrypts, all decrypt (rotation). Made and kept at the first start when not given.
FLOWSTUDIO_ENCRYPTION_KEYS = env.list("FLOWSTUDIO_ENCRYPTION_KEYS", default=[])
HOST = env.str("HOST", default="127.0.0.1")
PORT = _number("PORT", 8000, 1, 65_535)
# Where the running server is to be found, for commands in another terminal; written by `manage.py serve`.
ADDRESS_FILE = DATA_DIR / "address"


def _public_url() -> str:
    given = env.str("FLOWSTUDIO_PUBLIC_URL", default="")
    if not given and "PORT" not in os.environ and ADDRESS_FILE.exists():
        given = ADDRESS_FILE.read_text().strip()
    url = (given or f"http://{'127.0.0.1' if HOST in ('0.0.0.0', '::', '') else HOST}:{PORT}").rstrip("/")  # noqa: S104
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ImproperlyConfigured(f"FLOWSTUDIO_PUBLIC_URL must be like https://flows.example.com, not {url!r}.")
    return url


FLOWSTUDIO_PUBLIC_URL = _public_url()
ALLOWED_HOSTS = [
    *env.list("FLOWSTUDIO_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"]),
    str(urlsplit(FLOWSTUDIO_PUBLIC_URL).hostname),
]
FLOWSTUDIO_EGRESS_ALLOW = env.list("FLOWSTUDIO_EGRESS_ALLOW", default=[])
FLOWSTUDIO_EGRESS_PROXY = env.str("FLOWSTUDIO_EGRESS_PROXY", default="")
FLOWSTUDIO_WAREHOUSE_URL = env.str("FLOWSTUDIO_WAREHOUSE_URL", default="")
FLOWSTUDIO_SMTP_URL = env.str("FLOWSTUDIO_SMTP_URL", default="")
FLOWSTUDIO_MAIL_FROM = env.str("FLOWSTUDIO_MAIL_FROM", default="flowstudio <hello@flowstudio.example>")
# Which stand-in vendors fail, for trying out error ways: `clearbit:503:0.3,slack:429`.
FLOWSTUDIO_SANDBOX_FAULTS = env.str("FLOWSTUDIO_SANDBOX_FAULTS", default="")
# Seconds; the tests shrink them (RELIABILITY, "Budget").
FLOWSTUDIO_LEASE_S = env.float("FLOWSTUDIO_LEASE_S", default=60.0)
FLOWSTUDIO_SCAN_S = env.float("FLOWSTUDIO_SCAN_S", default=1.0)
# An event loop that answers nothing for so long is ended and started anew.
FLOWSTUDIO_STALL_S = env.float("FLOWSTUDIO_STALL_S", default=60.0)
# What an engine process may take; its child for suspect steps gets half.
FLOWSTUDIO_ENGINE_MEMORY_MB = env.int("FLOWSTUDIO_ENGINE_MEMORY_MB", default=2048)
FLOWSTUDIO_RETRY_BASE_S = env.float("FLOWSTUDIO_RETRY_BASE_S", default=2.0)
# A worker that nobody has woken for so long looks by itself (G2: what the loss of Redis may cost).
FLOWSTUDIO_PATROL_S = env.float("FLOWSTUDIO_PATROL_S", default=10.0)
# Named crash points; read only when set (tests).
FLOWSTUDIO_FAILPOINTS = env.str("FLOWSTUDIO_FAILPOINTS", default="")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "channels",
    "allauth",
    "allauth.account",
    "flowstudio.store",
    "flowstudio",
]
AUTH_USER_MODEL = "store.User"
ROOT_URLCONF = "flowstudio.urls"
ASGI_APPLICATION = "flowstudio.asgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

DATABASE_URL = env.str("DATABASE_URL", default="")
EMBEDDED = not DATABASE_URL


def _database() -> dict[str, Any]:
    if EMBEDDED:
        return {
            "ENGINE": "flowstudio.store.sqlite",
            "NAME": str(DATA_DIR / "flowstudio.sqlite3"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
                " PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;",
            },
            "TEST": {"NAME": env.str("FLOWSTUDIO_TEST_SQLITE", default=str(DATA_DIR / "test.sqlite3"))},
        }
    config: dict[str, Any] = environ.Env.db_url_config(DATABASE_URL)
    if "postgresql" not in config.get("ENGINE", ""):
        raise ImproperlyConfigured("DATABASE_URL must be a postgresql:// address, or unset for the embedded SQLite.")
    config["CONN_MAX_AGE"] = 0
    # A pooled connection that a restart of the server has cut is replaced before a request gets it (F6).
    config["CONN_HEALTH_CHECKS"] = True
    size = _number("FLOWSTUDIO_DB_POOL", 10, 0, 1_000)
    if size:
        config.setdefault("OPTIONS", {})["pool"] = {"min_size": 0, "max_size": size}
    return config


DATABASES = {"default": _database()}
REDIS_URL = env.str("REDIS_URL", default="")
CHANNEL_LAYERS: dict[str, Any] = (
    {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}}
    if REDIS_URL
    else {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
)

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
LOGIN_URL = "/signin"
LOGIN_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "flowstudio_session"
CSRF_COOKIE_NAME = "flowstudio_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
_SECURE = FLOWSTUDIO_PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = _SECURE
CSRF_COOKIE_SECURE = _SECURE
CSRF_TRUSTED_ORIGINS = [FLOWSTUDIO_PUBLIC_URL, *env.list("FLOWSTUDIO_TRUSTED_ORIGINS", default=[])]
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
APPEND_SLASH = False

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
# Nothing is collected: whitenoise serves the folders themselves. Vite names its files by their content.
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/app/assets/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 9 * 1024 * 1024
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "flowstudio.api.auth.ApiKeyAuthentication",
        "flowstudio.api.auth.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["flowstudio.api.auth.RolePermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["flowstudio.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "flowstudio.api.schema.DeclaredRoles",
    "DEFAULT_PAGINATION_CLASS": "flowstudio.api.paging.CursorPages",
    "EXCEPTION_HANDLER": "flowstudio.api.errors.problem",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "flowstudio",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    # Choices stay inline: a union at its field reads better in the generated types than a numbered enum.
    "POSTPROCESSING_HOOKS": [],
}
CELERY_BROKER_URL = REDIS_URL
