"""Django's settings, in one file; what differs between machines comes from ``env``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dj_database_url

from staybook.config.env import env

BASE_DIR = Path(__file__).resolve().parents[2]

SECRET_KEY = env.secret_key.get_secret_value()
DEBUG = False
ALLOWED_HOSTS = [host.strip() for host in env.allowed_hosts.split(",")]
ROOT_URLCONF = "staybook.config.urls"
WSGI_APPLICATION = "staybook.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["models.W040"]  # what an index covers besides its key is PostgreSQL's: SQLite reads the row
APPEND_SLASH = False

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "staybook.common",
    "staybook.accounts",
    "staybook.catalog",
    "staybook.notifications",
    "staybook.booking",
    "staybook.payments",
    "staybook.reviews",
    "staybook.traffic",
    "staybook.api",
    "staybook.graphql",
    "staybook.web",
]

MIDDLEWARE = [
    "staybook.traffic.middleware.request_id",
    "staybook.traffic.middleware.client_ip",
    "staybook.traffic.middleware.measure",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "staybook.traffic.middleware.block_and_track",
    "staybook.traffic.middleware.limit_rate",
    "staybook.api.middleware.SessionsUnlessApi",
    "staybook.traffic.middleware.CommonUnlessProbed",
    "django.middleware.csrf.CsrfViewMiddleware",
    "staybook.api.middleware.AuthenticationUnlessApi",
    "staybook.api.middleware.MessagesUnlessApi",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def _database() -> dict[str, Any]:
    """The database that DATABASE_URL names; SQLite waits for its lock from the start of a transaction."""
    found: dict[str, Any] = dict(dj_database_url.parse(env.database_url, conn_max_age=60, conn_health_checks=True))
    options = found.setdefault("OPTIONS", {})
    if "sqlite" in found["ENGINE"]:
        options |= {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"}
        found["TEST"] = {"NAME": f"{found['NAME']}.test"}  # a file, as it is in earnest: memory has other locks
    else:
        options["prepare_threshold"] = 5  # ``common.prepared`` says what for
        options["options"] = "-c lock_timeout=2s -c statement_timeout=10s -c timezone=UTC"
    return found


DATABASES = {"default": _database()}

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": env.redis_url}
    if env.redis_url
    else {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static" if env.is_production else None  # collected there by `manage.py collectstatic`
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / env.media_root
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.is_production
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not env.is_production

EMAIL_HOST, EMAIL_PORT = env.smtp_host, env.smtp_port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.smtp_user, env.smtp_password.get_secret_value()
EMAIL_USE_TLS = bool(env.smtp_user)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.mail_from

SECURE_SSL_REDIRECT = env.is_production
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if env.is_production else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.is_production
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.trusted_proxies else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.is_production
CSRF_TRUSTED_ORIGINS = [env.public_url.rstrip("/")]  # also behind a proxy that asks us under another name
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

RATE_LIMITS = {"auth": env.limit_auth, "writes": env.limit_writes, "reads": env.limit_reads}
"""What one caller may ask in a minute, by kind of request; ``traffic.limits`` says which is which."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["staybook.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["staybook.api.parsers.BoundedJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "staybook.api.negotiation.Negotiation",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "staybook.api.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "staybook",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Find a place to stay, hold it, pay for it.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "staybook.api.openapi.document_problems",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "staybook.common.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.log_level},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},  # what a caller got wrong is in the access line
        "httpx": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},  # what comes every two seconds is no news
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
