"""A real S3 server for tests: SeaweedFS, on free ports of this machine, in a temporary folder."""

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pratik.core.storages import S3Storage

PATIENCE = 180
# Whoever makes the buckets; PRATIK itself, which may use them; and a stranger.
OWNER_KEY, ACCESS_KEY, OTHER_KEY = "owner-of-the-buckets", "pratik-tests", "not-that-of-the-tests"
PRIVATE, PUBLIC = "pratik-private", "pratik-public"


def program():
    """The path of the server beside this Python or in the path, else None."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


def free_ports(number):
    """Ports that nobody listens on."""
    probes = [socket.socket() for _number in range(number)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@contextmanager
def server(folder):
    """Starts the server with a private and a public bucket; its address. Killed at the end: it does not care
    to be asked.
    """
    s3, s3_grpc, master, master_grpc, volume, volume_grpc, filer, filer_grpc = free_ports(8)
    config = folder / "s3.json"
    verbs = [f"{verb}:{bucket}" for verb in ("Read", "Write", "List") for bucket in (PRIVATE, PUBLIC)]
    identities = [
        {"name": key, "credentials": [{"accessKey": key, "secretKey": key[::-1]}], "actions": actions}
        for key, actions in ((OWNER_KEY, ["Admin", "Read", "Write"]), (ACCESS_KEY, verbs))
    ]
    config.write_text(json.dumps({"identities": identities}))
    data = folder / "data"
    data.mkdir()
    command = [
        program(),
        "server",
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-master.port={master}",
        f"-master.port.grpc={master_grpc}",
        "-master.volumeSizeLimitMB=64",
        f"-volume.port={volume}",
        f"-volume.port.grpc={volume_grpc}",
        "-volume.max=50",
        "-filer",
        f"-filer.port={filer}",
        f"-filer.port.grpc={filer_grpc}",
        f"-filer.localSocket={folder / 'filer.sock'}",
        "-s3",
        f"-s3.port={s3}",
        f"-s3.port.grpc={s3_grpc}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.config={config}",
        f"-s3.localSocket={folder / 's3.sock'}",
    ]
    address = f"http://127.0.0.1:{s3}"
    with (folder / "output").open("wb") as output:
        running = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
        try:
            make_buckets(running, address, folder)
            yield address
        finally:
            running.kill()
            running.wait()


def make_buckets(running, address, folder):
    """Waits until the server takes files, and makes the two buckets."""
    client = boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id=OWNER_KEY,
        aws_secret_access_key=OWNER_KEY[::-1],
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=10),
    )
    until = time.monotonic() + PATIENCE
    while True:
        try:
            made = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
            for bucket in {PRIVATE, PUBLIC} - made:
                client.create_bucket(Bucket=bucket)
            client.put_object(Bucket=PRIVATE, Key="started", Body=b"yes")
            break
        except (BotoCoreError, ClientError):
            if running.poll() is not None or time.monotonic() > until:
                raise RuntimeError((folder / "output").read_text(errors="replace")[-3000:]) from None
            time.sleep(0.2)
    anyone_reads = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["s3:GetObject"],
                "Resource": [f"arn:aws:s3:::{PUBLIC}/*"],
            }
        ],
    }
    client.put_bucket_policy(Bucket=PUBLIC, Policy=json.dumps(anyone_reads))


def storage(address, *, bucket=PRIVATE, key=ACCESS_KEY, signed=True):
    """A storage as settings make it, at this address."""
    return S3Storage(
        endpoint_url=address,
        region_name="us-east-1",
        access_key=key,
        secret_key=key[::-1],
        bucket_name=bucket,
        addressing_style="path",
        signature_version="s3v4",
        default_acl=None,
        file_overwrite=False,
        querystring_auth=signed,
        querystring_expire=60,
    )


def asked(address, *, method="GET", body=None):
    """What an S3 answers to somebody who has an address and nothing else: status, headers and content."""
    request = urllib.request.Request(address, method=method, data=body)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers, refused.read()
