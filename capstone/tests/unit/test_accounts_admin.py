"""What staff can do with accounts and networks, and what not even they can."""

from __future__ import annotations

import pytest

from staybook.accounts import services
from staybook.accounts.models import Role, User
from staybook.common.errors import Unauthenticated
from staybook.traffic.models import BlockedNetwork
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    user = make_user(Role.ADMIN, is_superuser=True)
    client.force_login(user)
    return user


@pytest.mark.parametrize("role", [Role.GUEST, Role.HOST])
def test_the_admin_is_for_staff(client, role):
    client.force_login(make_user(role))

    assert client.get("/admin/accounts/user/").status_code == 302


def test_staff_make_an_account_that_can_log_in(client, staff):
    facts = {"email": "New@Example.com", "name": "New", "role": "host", "password": PASSWORD}

    assert client.post("/admin/accounts/user/add/", facts).status_code == 302
    assert User.objects.get(email="new@example.com").role == Role.HOST
    assert services.log_in(email="new@example.com", password=PASSWORD)


def test_staff_choose_no_weak_password(client, staff):
    facts = {"email": "new@example.com", "name": "New", "role": "host", "password": "short"}

    assert "too short" in client.post("/admin/accounts/user/add/", facts).content.decode()


@pytest.mark.parametrize("way", ["form", "action"])
def test_a_closed_account_is_logged_out(client, staff, way):
    user = make_user(password=PASSWORD)
    token = services.log_in(email=user.email, password=PASSWORD).refresh
    if way == "form":
        facts = {"email": user.email, "name": user.name, "role": user.role}
        client.post(f"/admin/accounts/user/{user.pk}/change/", facts)
    else:
        client.post("/admin/accounts/user/", {"action": "close", "_selected_action": [user.pk, staff.pk]})

    user.refresh_from_db()
    staff.refresh_from_db()
    assert (user.is_active, staff.is_active) == (False, True)
    with pytest.raises(Unauthenticated):
        services.refresh(token=token)


def test_an_account_is_opened_again_and_logged_out(client, staff):
    user = make_user(is_active=False, password=PASSWORD)
    client.post("/admin/accounts/user/", {"action": "reopen", "_selected_action": [user.pk]})
    token = services.log_in(email=user.email, password=PASSWORD).refresh
    client.post("/admin/accounts/user/", {"action": "log_out", "_selected_action": [user.pk]})

    with pytest.raises(Unauthenticated):
        services.refresh(token=token)


def test_nobody_is_deleted(client, staff):
    user = make_user()

    assert client.post(f"/admin/accounts/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 203.0.113.9 ", "203.0.113.9"),
        ("203.0.113.9/24", "203.0.113.0/24"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("0.0.0.0/0", None),
        ("nonsense", None),
    ],
)
def test_networks_are_kept_in_their_usual_form(client, staff, typed, kept):
    client.post("/admin/traffic/blockednetwork/add/", {"network": typed, "reason": "scans"})

    assert list(BlockedNetwork.objects.values_list("network", flat=True)) == ([kept] if kept else [])
