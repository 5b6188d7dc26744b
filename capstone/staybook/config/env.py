"""What the environment may say, typed; ``.env.example`` lists the same names."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_INSECURE = "only-for-development-and-nobody-else"
_SHORTEST = 50
"""Characters of a key, as Django asks (security.W009)."""


class Environment(BaseSettings):
    """Settings by environment variable, each under its own name in capitals.

    Raises pydantic's ValidationError, which names every variable that is missing or cannot be read.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    staybook_env: Literal["development", "production"] = "development"
    secret_key: SecretStr = SecretStr(_INSECURE)
    jwt_key: SecretStr = SecretStr(_INSECURE)
    allowed_hosts: str = Field("localhost,127.0.0.1,[::1]", description="Host names that we answer to, by comma.")
    public_url: str = Field("http://localhost:8000", description="Where browsers find us; gateways return there.")
    trusted_proxies: int = Field(0, ge=0, le=9, description="How many proxies of ours append to X-Forwarded-For.")

    database_url: str = "sqlite:///db.sqlite3"
    redis_url: str = Field(
        "", description="Cache and rate limits; without it the database counts and nothing is cached."
    )
    broker_url: str = Field("", description="amqp:// or redis:// of Celery; needed where RELAY is celery.")
    relay: Literal["inline", "celery"] = Field("inline", description="Who does what the outbox holds.")

    gateways: str = Field("chapa,stripe", description="Payment providers that guests may choose, by comma.")
    chapa_url: str = "http://127.0.0.1:8010/chapa"
    chapa_secret_key: SecretStr = SecretStr("CHASECK_TEST-development")
    chapa_webhook_secret: SecretStr = SecretStr("chapa-development")
    stripe_url: str = "http://127.0.0.1:8010/stripe"
    stripe_secret_key: SecretStr = SecretStr("sk_test_development")
    stripe_webhook_secret: SecretStr = SecretStr("whsec_development")
    gateway_timeout_s: float = Field(10.0, gt=0)

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8025
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_from: str = "Staybook <no-reply@staybook.example>"

    limit_auth: int = Field(10, ge=1, description="Logins and registrations by one address, in a minute.")
    limit_writes: int = Field(60, ge=1, description="Changes by one user, or by one address, in a minute.")
    limit_reads: int = Field(600, ge=1, description="Everything else by one user, or by one address, in a minute.")
    metrics_token: SecretStr = Field(SecretStr(""), description="Opens /metrics; without it, only loopback may look.")

    hold_minutes: int = Field(15, ge=1, le=120)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    media_root: str = "media"

    @property
    def is_production(self) -> bool:
        """Whether strangers can reach this."""
        return self.staybook_env == "production"

    @model_validator(mode="after")
    def _refuse_defaults_in_production(self) -> Environment:
        if not self.is_production:
            return self
        wanted = [
            name
            for name in ("secret_key", "jwt_key", "database_url", "allowed_hosts", "public_url")
            if name not in self.model_fields_set
        ]
        for gateway in self.gateways.split(","):
            keys = (f"{gateway}_url", f"{gateway}_secret_key", f"{gateway}_webhook_secret")
            wanted += [name for name in keys if name not in self.model_fields_set]
        if self.relay == "celery" and not self.broker_url:
            wanted.append("broker_url")
        if wanted:
            raise ValueError(f"production needs {', '.join(name.upper() for name in wanted)} in the environment")
        short = [name for name in ("secret_key", "jwt_key") if len(getattr(self, name).get_secret_value()) < _SHORTEST]
        if short:
            raise ValueError(f"{', '.join(name.upper() for name in short)} must have {_SHORTEST} characters or more")
        if not self.public_url.startswith("https://"):
            raise ValueError("PUBLIC_URL must begin with https://: cookies are sent over nothing else")
        return self


env = Environment()
