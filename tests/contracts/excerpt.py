"""Makes github.json of GitHub's published description of its API (MIT licence).

    npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz
    python excerpt.py package/generated/api.github.com.json >github.json

Kept are the operations that testmend uses: the names of their parameters, the types of
what is sent and of what must be in an answer. No description or example is copied.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PULLS = "/repos/{owner}/{repo}/pulls"
OPERATIONS = (
    ("get", PULLS, "200"),
    ("post", PULLS, "201"),
    ("patch", f"{PULLS}/{{pull_number}}", "200"),
    ("post", "/repos/{owner}/{repo}/issues/{issue_number}/labels", "200"),
    ("post", f"{PULLS}/{{pull_number}}/requested_reviewers", "201"),
    ("get", "/orgs/{org}/repos", "200"),
    ("get", "/users/{username}/repos", "200"),
)
WANTED = {"clone_url", "ssh_url", "topics", "archived", "fork", "size", "draft"}
WANTED |= {"requested_reviewers", "requested_teams"}
INNER = {"code", "full_name", "label", "login", "message", "name", "ref", "repo"}
INNER |= {"sha", "slug", "user"}


def main() -> None:
    """Write the excerpt to stdout."""
    whole = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    found = {}
    for verb, path, status in OPERATIONS:
        operation = whole["paths"][path][verb]
        answers = operation["responses"]
        found[f"{verb.upper()} {path}"] = {
            "parameters": [_name(whole, each) for each in operation["parameters"]],
            "body": _slim(whole, _json(operation.get("requestBody", {})), sent=True),
            "status": int(status),
            "answer": _slim(whole, _json(answers[status])),
        }
    schemas = whole["components"]["schemas"]
    found["refused"] = {"answer": _slim(whole, schemas["validation-error"])}
    lines = (f"{json.dumps(k)}: {json.dumps(found[k], sort_keys=True)}" for k in found)
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


def _json(holder: dict[str, Any]) -> dict[str, Any]:
    sent = holder.get("content", {}).get("application/json", {})
    schema: dict[str, Any] = sent.get("schema", {})
    return schema


def _name(whole: dict[str, Any], parameter: dict[str, Any]) -> str:
    return str(_followed(whole, parameter)["name"])


def _followed(whole: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = whole
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _slim(
    whole: dict[str, Any], schema: dict[str, Any], *, sent: bool = False, deep: int = 0
) -> dict[str, Any]:
    """Types alone; of an answer what must be there or is read."""
    schema = _followed(whole, schema)
    for key in ("oneOf", "anyOf"):
        if key in schema:
            choices = [_slim(whole, e, sent=sent, deep=deep) for e in schema[key]]
            slim: dict[str, Any] = {"anyOf": choices}
            if "an `array` of labels directly" in json.dumps(schema[key]):  # in words
                choices.append({"type": "array", "items": {"type": "string"}})
            break
    else:
        slim = {key: schema[key] for key in ("type", "enum") if key in schema}
    required = schema.get("required", [])
    names = [
        name
        for name in schema.get("properties", {})
        if sent or (name in INNER if deep else name in required or name in WANTED)
    ]
    if names:
        slim["properties"] = {
            name: _slim(whole, schema["properties"][name], sent=sent, deep=deep + 1)
            for name in names
        }
        slim["required"] = sorted(set(required) & set(names))
        if sent:
            slim["additionalProperties"] = False
    if "items" in schema:
        slim["items"] = _slim(whole, schema["items"], sent=sent, deep=deep)
    if schema.get("nullable") and "type" in slim:
        slim["type"] = [slim["type"], "null"]
        if "enum" in slim:
            slim["enum"] = [*slim["enum"], None]
    return slim


if __name__ == "__main__":
    main()
