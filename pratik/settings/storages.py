"""Where files live: on disk, or on S3 when the environment names it. The one place that says so."""

import os

from .environment import required

DISK = "pratik.core.storages.DiskStorage"
S3 = "pratik.core.storages.S3Storage"
S3_VARIABLES = (
    "S3_PRIVATE_BUCKET",
    "S3_PUBLIC_BUCKET",
    "S3_ACCESS_KEY_ID",
    "S3_SECRET_ACCESS_KEY",
    "S3_ENDPOINT_URL",
    "S3_REGION",
)
# Seconds that an address of a private file is good for: enough for a browser to follow it.
LINK_SECONDS = 60


def on_s3():
    """Whether the environment names an S3; one variable of it is enough to ask for the others."""
    return any(os.environ.get(name) for name in S3_VARIABLES)


def file_storages(folder):
    """The storages `default`, `private` and `public`: on S3 if the environment says so, else in `folder`."""
    return s3_storages() if on_s3() else disk_storages(folder)


def disk_storages(folder):
    """Both storages as folders; only the system account of PRATIK and its group read the private one."""
    private = {
        "BACKEND": DISK,
        "OPTIONS": {
            "location": folder / "private",
            "file_permissions_mode": 0o640,
            "directory_permissions_mode": 0o750,
        },
    }
    public = {"BACKEND": DISK, "OPTIONS": {"location": folder / "public", "base_url": "/media/"}}
    return {"default": private, "private": private, "public": public}


def s3_storages():
    """Both storages as buckets of one S3, the private one behind addresses that are signed for a minute."""
    common = {
        "endpoint_url": os.environ.get("S3_ENDPOINT_URL") or None,
        "region_name": os.environ.get("S3_REGION") or None,
        "access_key": required("S3_ACCESS_KEY_ID"),
        "secret_key": required("S3_SECRET_ACCESS_KEY"),
        "addressing_style": "path",
        "signature_version": "s3v4",
        "default_acl": None,
        "file_overwrite": False,
    }
    private = {
        "BACKEND": S3,
        "OPTIONS": common
        | {
            "bucket_name": required("S3_PRIVATE_BUCKET"),
            "querystring_auth": True,
            "querystring_expire": LINK_SECONDS,
        },
    }
    public = {
        "BACKEND": S3,
        "OPTIONS": common | {"bucket_name": required("S3_PUBLIC_BUCKET"), "querystring_auth": False},
    }
    return {"default": private, "private": private, "public": public}
