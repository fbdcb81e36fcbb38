"""The order of the house holds: the contracts of pyproject.toml, and that nothing stands outside of them."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
# Screens, requests and addresses are a door's; below the doors there are none.
NO_HTTP_BELOW = (
    "django.contrib.admin",
    "django.forms",
    "django.http",
    "django.shortcuts",
    "django.urls",
    "django.views",
)


def names_in(contract, key="layers"):
    """Every module that a contract names, without the signs for « optional » and « strangers »."""
    return {
        name.strip(" ()")
        for layer in CONTRACTS[contract][key]
        for part in layer.split("|")
        for name in part.split(":")
    }


def packages_under(folder):
    return {path.parent.name for path in (ROOT / folder).glob("*/__init__.py")}


AREAS = [name for layer in CONTRACTS["areas"]["layers"][2:] for name in map(str.strip, layer.split("|"))]


def test_the_imports_obey_the_contracts():
    # In a process of its own: it configures logging, and silences whoever logged before.
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
    ended = subprocess.run([*lint, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_each_area_has_a_place_in_the_order_and_in_the_order_of_rooms():
    placed = names_in("areas")
    assert packages_under("pratik") <= placed
    areas = {f"pratik.{name}" for name in AREAS}
    assert set(CONTRACTS["rooms"]["containers"]) == areas - {"pratik.core"}
    assert set(CONTRACTS["no-door-below"]["source_modules"]) == areas


def test_each_door_is_a_stranger_to_the_others():
    doors = {"backoffice"} | {
        f"pratik.{name}" for name in ("public", "access", "api") if (ROOT / "pratik" / name).exists()
    }
    assert set(CONTRACTS["doors"]["modules"]) == doors
    assert doors <= set(CONTRACTS["no-door-below"]["forbidden_modules"])


def test_each_room_of_the_console_has_a_place():
    no_rooms = {"management", "templatetags"}
    assert packages_under("backoffice") - no_rooms <= names_in("console-rooms")


def python_files(*folders):
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py")]


@pytest.mark.parametrize("area", AREAS)
def test_an_area_knows_no_screen_and_no_request(area):
    found = []
    for path in python_files(f"pratik/{area}"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            found += [f"{path}:{node.lineno} {name}" for name in names if name.startswith(NO_HTTP_BELOW)]
    assert not found


def test_there_is_no_room_for_odds_and_ends():
    odd = {"utils", "util", "helpers", "helper", "misc", "common", "tools"}
    assert not [path for path in python_files("pratik", "backoffice") if {path.stem, path.parent.name} & odd]


def rank(model):
    """How high the area of a model stands: 0 for core."""
    area = model.__module__.split(".")[1]
    upwards = reversed(CONTRACTS["areas"]["layers"][2:])
    return next(height for height, names in enumerate(upwards) if area in map(str.strip, names.split("|")))


def business_relations():
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.startswith("pratik."):
            for field in model._meta.concrete_fields:
                if field.is_relation and field.related_model.__module__.startswith("pratik."):
                    yield model, field


def test_foreign_keys_point_down_the_order_of_areas():
    """Every area may point at accounts: Django itself names the model of accounts by a setting."""
    account = settings.AUTH_USER_MODEL
    upwards = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model, field in business_relations()
        if field.related_model._meta.label != account
        and (
            rank(field.related_model) > rank(model)
            or (
                rank(field.related_model) == rank(model)
                and field.related_model._meta.app_label != model._meta.app_label
            )
        )
    ]
    assert not upwards
