from dataclasses import fields, replace

from plotlot.domain.bundles import Bundle

BUNDLE = Bundle("1", "parsers/1", "sections/1", "reader/1", "mini", "extractive/1")


def test_the_id_depends_on_every_part_and_on_nothing_else() -> None:
    ids = {BUNDLE.id, *(replace(BUNDLE, **{field.name: "other"}).id for field in fields(Bundle))}
    assert len(ids) == len(fields(Bundle)) + 1
    assert replace(BUNDLE).id == BUNDLE.id
