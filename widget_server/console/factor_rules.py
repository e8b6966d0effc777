"""The routes of second factors and passkeys."""

from __future__ import annotations

from flask import Blueprint

from .profile import factors
from .profile import passkeys as own_passkeys
from .sign_in import passkeys, second_step


def add_factor_rules(blueprint: Blueprint) -> None:
    """Add the pages of second factors."""
    step_path, totp_path = "/sign-in/second-step", "/profile/authenticator-apps"
    blueprint.add_url_rule(step_path, "second_step_page", second_step.second_step_page)
    blueprint.add_url_rule(step_path, "check_second_step", second_step.check_second_step, methods=["POST"])
    blueprint.add_url_rule(f"{totp_path}/new", "new_totp", factors.new_totp)
    blueprint.add_url_rule(totp_path, "add_totp", factors.add_totp, methods=["POST"])
    blueprint.add_url_rule(f"{totp_path}/<uuid:factor_id>/remove", "remove_totp", factors.remove_totp, methods=["POST"])
    blueprint.add_url_rule("/sign-in/passkey/options", "passkey_request_options", passkeys.passkey_request_options)
    blueprint.add_url_rule("/sign-in/passkey", "sign_in_with_passkey", passkeys.sign_in_with_passkey, methods=["POST"])
    passkeys_path = "/profile/passkeys"
    blueprint.add_url_rule(f"{passkeys_path}/new", "new_passkey", own_passkeys.new_passkey)
    blueprint.add_url_rule(
        f"{passkeys_path}/options", "passkey_creation_options", own_passkeys.passkey_creation_options
    )
    blueprint.add_url_rule(passkeys_path, "add_passkey", own_passkeys.add_passkey, methods=["POST"])
    blueprint.add_url_rule(
        f"{passkeys_path}/<uuid:factor_id>/remove", "remove_passkey", own_passkeys.remove_passkey, methods=["POST"]
    )
    blueprint.add_url_rule("/profile/recovery-codes", "renew_codes", factors.renew_codes, methods=["POST"])
