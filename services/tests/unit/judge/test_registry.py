"""A manifest that cannot be used is refused when it is registered, not when a verdict is asked for."""

import json

import pytest

from plotlot.domain.bundles import Bundle, canonical
from plotlot.domain.errors import InvalidBundle
from plotlot.judge.registry import checked

BUNDLE = Bundle("1.0", "parser/1", "chunker/1")


def test_a_bundle_of_plotlot_has_the_id_of_its_manifest() -> None:
    manifest = json.dumps(BUNDLE.manifest(), indent=2)
    assert checked(BUNDLE.id, manifest) == canonical(BUNDLE.manifest()).decode()
    with pytest.raises(InvalidBundle, match=BUNDLE.id):
        checked("bundle-0123456789abcdef", manifest)


def test_bundles_of_other_software_have_any_manifest_or_none() -> None:
    assert checked("v7", "") == checked("v7", " {} ") == ""
    assert checked("v7", '{"model": "m", "commit": "c"}') == '{"commit":"c","model":"m"}'


@pytest.mark.parametrize(
    ("manifest", "complaint"),
    [
        ("[]", "object"),
        ("{", "not JSON"),
        ('{"guardrails": []}', "guardrails"),
        ('{"guardrails": {"alpha": 2}}', "alpha"),
        ('{"guardrails": {"each": []}}', "at least one"),
        ('{"shadow": {"share": 2}}', "share"),
        ('{"note": "\\u0000"}', "NUL"),
    ],
)
def test_what_cannot_be_used_is_refused(manifest: str, complaint: str) -> None:
    with pytest.raises(InvalidBundle, match=complaint):
        checked("v7", manifest)
