"""What the start of PRATIK reproaches the settings of files and of the antivirus."""

from django.conf import settings
from django.core.checks import Error, Warning, register

LONGEST_LINK_SECONDS = 300


@register()
def check_storages(app_configs, **kwargs):
    """Private files stay private, and each storage has what it needs to be reached."""
    found = []
    options = {alias: settings.STORAGES[alias].get("OPTIONS", {}) for alias in ("private", "public")}
    on_s3 = {
        alias: settings.STORAGES[alias]["BACKEND"].endswith("S3Storage") for alias in ("private", "public")
    }
    for alias in ("private", "public"):
        if not on_s3[alias]:
            continue
        missing = [key for key in ("bucket_name", "access_key", "secret_key") if not options[alias].get(key)]
        if missing:
            found.append(
                Warning(
                    f"The storage « {alias} » is on S3 without {', '.join(missing)}.",
                    hint="Set the variables S3_… of deploy/README.md.",
                    id="pratik.W001",
                )
            )
    if on_s3["private"]:
        if not options["private"].get("querystring_auth", True):
            found.append(
                Error("Addresses of private files are not signed.", hint="querystring_auth", id="pratik.E001")
            )
        if options["private"].get("querystring_expire", 3600) > LONGEST_LINK_SECONDS:
            found.append(
                Warning(
                    f"Addresses of private files are good for more than {LONGEST_LINK_SECONDS} seconds.",
                    hint="querystring_expire",
                    id="pratik.W002",
                )
            )
    place = "bucket_name" if all(on_s3.values()) else "location"
    places = {str(options[alias].get(place)) for alias in ("private", "public")}
    if on_s3["private"] == on_s3["public"] and options["private"].get(place) and len(places) == 1:
        found.append(
            Error(
                "Private and public files are in the same place.",
                hint="Give each a bucket or a folder of its own.",
                id="pratik.E002",
            )
        )
    return found


@register()
def check_antivirus(app_configs, **kwargs):
    """An antivirus that is required has an address, and the address can be read."""
    address = settings.CLAMAV_ADDRESS
    if not address:
        if settings.CLAMAV_REQUIRED:
            return [
                Error(
                    "CLAMAV_REQUIRED is set without CLAMAV_ADDRESS.",
                    hint="Name the daemon, or files would be kept as not scanned.",
                    id="pratik.E003",
                )
            ]
        return []
    host, _colon, port = address.rpartition(":")
    if "/" not in address and not (host and port.isdigit() and 0 < int(port) < 65536):
        return [
            Error(
                f"CLAMAV_ADDRESS « {address} » is neither host:port nor the path of a socket file.",
                id="pratik.E004",
            )
        ]
    return []
