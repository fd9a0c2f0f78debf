"""Does the Scope Query Language (CIM 009 4.19) select as it says, in memory and in SQL?"""

import pytest

from kairo.context.query import EntityQuery, parse_scope_q
from kairo.errors import BadRequestData

CASES = [
    ("/Madrid", ["/Madrid"], True),
    ("/Madrid", ["/Madrid/Gardens"], False),
    ("Madrid", ["/Madrid"], True),
    ("/Madrid/Gardens/#", ["/Madrid/Gardens"], True),
    ("/Madrid/Gardens/#", ["/Madrid/Gardens/ParqueNorte/Parterre1"], True),
    ("/Madrid/Gardens/#", ["/Madrid/GardensX"], False),
    ("/Madrid/+/ParqueNorte", ["/Madrid/Sights/ParqueNorte"], True),
    ("/Madrid/+/ParqueNorte", ["/Madrid/ParqueNorte"], False),
    ("/Madrid/+/ParqueNorte", ["/Madrid/a/b/ParqueNorte"], False),
    ("/+/#", ["/Madrid/a"], True),
    ("/#", ["/x"], True),
    ("/#", [], False),
    ("(/Madrid/Districts;/CompanyA)", ["/CompanyA", "/Madrid/Districts"], True),
    ("(/Madrid/Districts;/CompanyA)", ["/CompanyA"], False),
    ("(/Madrid/Districts;/CompanyA)|CompanyB", ["/CompanyB"], True),
    ("/a,/b", ["/b"], True),
    ("/山口市/小郡", ["/山口市/小郡"], True),
    ("/a.b", ["/aXb"], False),
    ("/a.b/#", ["/aXb"], False),
    ("/a", [], False),
]


@pytest.mark.parametrize(("text", "scopes", "selected"), CASES)
def test_scopes_are_selected(text, scopes, selected):
    assert parse_scope_q(text).matches(scopes) is selected


@pytest.mark.parametrize(("text", "scopes", "selected"), CASES)
def test_sql_selects_the_same(trial, text, scopes, selected):
    assert trial.holds(EntityQuery(scope_q=parse_scope_q(text)), {"scope": scopes}) is selected


@pytest.mark.parametrize("text", ["", "/", "/a/", "/a//b", "/#/a", "(/a", "/a;", "/a b", "/a+"])
def test_a_mistake_is_refused(text):
    with pytest.raises(BadRequestData):
        parse_scope_q(text)
