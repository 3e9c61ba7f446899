"""Backups in a bucket, of a server that speaks S3: made, listed, fetched, restored, and never taken for whole too soon."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from plotlot.backups.creating import create, keep_newest
from plotlot.backups.locations import found, place_at
from plotlot.backups.places import MANIFEST
from plotlot.backups.restoring import manifest_in, restore
from plotlot.domain.errors import BackupFailed, InvalidBackup, UnknownBackup
from plotlot.store.embedded import EmbeddedPostgres

obstore = pytest.importorskip("obstore", reason="the extra s3 is not installed")
moto_server = pytest.importorskip("moto.server", reason="moto is not installed")

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server with one bucket, and what the client's environment says of it."""
    import boto3

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "name", "aws_secret_access_key": "made-up", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=url, **keys).create_bucket(Bucket="kept-here")
    yield url
    server.stop()


@pytest.fixture(autouse=True)
def environment(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose bucket it is, as AWS's own tools are told."""
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "name",
        "AWS_SECRET_ACCESS_KEY": "made-up",
    }.items():
        monkeypatch.setenv(name, value)


def test_a_bucket_keeps_backups_as_a_folder_does(conninfo: str, tmp_path: Path) -> None:
    place = place_at("s3://kept-here/a/b")
    made = [asyncio.run(create(conninfo, place, NOW.replace(minute=minute), 2)) for minute in (0, 1)]
    assert [kept.manifest for kept in place.kept()] == made
    assert found("s3://kept-here/a/b/")[1] == found(f"s3://kept-here/a/b/{made[1].name}")[1] == made[1].name
    with place.fetched(made[1].name) as folder:
        whole = manifest_in(folder)
        assert whole == made[1]
        other = EmbeddedPostgres(tmp_path)
        restored = asyncio.run(restore(folder, whole, other.start(), None, 2))
        other.stop()
    assert (restored.differences, folder.exists()) == ((), False)
    assert keep_newest(place, 1, NOW) == [made[0].name]
    assert [kept.name for kept in place.kept()] == [made[1].name]


def test_what_was_never_finished_is_no_backup(conninfo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, sent, put = place_at("s3://kept-here/broken"), list[str](), obstore.put

    def goes_away(store: Any, path: str, *arguments: Any) -> Any:
        sent.append(path)
        if path.endswith(MANIFEST):
            raise OSError("the network is unreachable")
        return put(store, path, *arguments)

    monkeypatch.setattr(obstore, "put", goes_away)
    with pytest.raises(BackupFailed, match="s3://kept-here/broken: the network is unreachable"):
        asyncio.run(create(conninfo, place, NOW, 2))
    assert len(sent) > 5
    assert sent[-1].endswith(MANIFEST), "the manifest is sent last"
    assert [kept.problem for kept in place.kept()] == ["it is being sent, or was never finished"]
    with pytest.raises(UnknownBackup):
        found("s3://kept-here/broken")
    with pytest.raises(InvalidBackup, match="never finished"):
        found(f"s3://kept-here/broken/{sent[0].partition('/')[0]}")
    assert keep_newest(place, 1, NOW.replace(day=3)) == [sent[0].partition("/")[0]]
    assert place.kept() == []


def test_an_object_that_was_changed_is_told(conninfo: str) -> None:
    place = place_at("s3://kept-here/changed")
    made = asyncio.run(create(conninfo, place, NOW, 2))
    file = made.files[0]
    store = obstore.store.S3Store("kept-here", prefix="changed")
    obstore.put(store, f"{made.name}/{file.path}", b"something else")
    with place.fetched(made.name) as folder, pytest.raises(InvalidBackup, match=f"{file.path} was changed"):
        manifest_in(folder)


def test_a_bucket_that_is_not_there_is_told() -> None:
    with pytest.raises(BackupFailed, match=r"s3://absent-bucket: .*NoSuchBucket"):
        place_at("s3://absent-bucket").kept()
