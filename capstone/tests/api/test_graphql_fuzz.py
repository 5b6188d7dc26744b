"""Operations made from the schema, by the hundred: whatever is asked, the answer is data or a refusal with a code."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, strategies

from staybook.accounts.models import Role
from staybook.booking.models import Booking
from staybook.catalog.models import Property
from staybook.graphql.schema import schema
from tests.factories import SOON, make_booking, make_user
from tests.graphql_client import ask

pytestmark = pytest.mark.django_db
SDL = schema.as_str()
QUICK = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=2000, derandomize=False)
SCALARS = {
    "UUID": st.uuids(),
    "Date": st.dates(SOON, SOON + timedelta(days=400)) | st.dates() | st.just(date.max),
    "Decimal": st.decimals(0, 10**8 - 1, places=2) | st.just(Decimal("0")),
    "DateTime": st.datetimes(),
}


@pytest.fixture
def somebody(api, without_limits):
    """A host, so that nothing is refused for who they are, with a booking of their own."""
    user = make_user(Role.HOST)
    make_booking(guest=user)
    return api.as_(user)


def values_of(place):
    """Scalars for hypothesis-graphql; ids are often those of things that there are."""
    ids = st.sampled_from(place) | SCALARS["UUID"]
    return {name: (ids if name == "UUID" else kind).map(str).map(nodes.String) for name, kind in SCALARS.items()}


def ask_all(somebody, root, how):
    """Ask operations of ``root`` as ``how`` says; none may be a failure of ours."""
    ids = [*Property.objects.values_list("public_id", flat=True), *Booking.objects.values_list("public_id", flat=True)]
    asked = []

    @how
    @given(getattr(strategies, root)(SDL, custom_scalars=values_of(ids)))
    def ask_one(document):
        body = (answer := ask(somebody, document)).json()
        asked.append(document)
        codes = {error["extensions"]["code"] for error in body.get("errors", [])}
        assert "internal_error" not in codes, body
        assert answer.status_code == (200 if "data" in body else 400), body

    ask_one()
    assert len(asked) >= how.max_examples


@pytest.mark.parametrize("root", ["queries", "mutations"])
def test_no_operation_fails(somebody, root):
    ask_all(somebody, root, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("root", ["queries", "mutations"])
def test_none_of_two_thousand_operations_fails(somebody, root):
    ask_all(somebody, root, LONG)


@QUICK
@given(st.text(alphabet="{}()[]$@!:.|#&=\"'\\ \n\tqueryAB019…\x00é", max_size=200))
def test_no_document_fails(api, db, without_limits, text):
    answer = ask(api, text or " ")

    assert answer.status_code in (200, 400)
    assert answer.json()["errors"][0]["extensions"]["code"] in {"graphql_invalid", "graphql_unreadable"}
