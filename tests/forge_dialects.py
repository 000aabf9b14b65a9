"""How each kind of forge says the same things: routes and shapes of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forge_server import Forge, Request

    Values = Mapping[str, str]

_TYPES: Mapping[str, Any] = {
    "string": "",
    "integer": 0,
    "boolean": False,
    "array": [],
    "null": None,
}


def filled(schema: Mapping[str, Any], value: Any) -> Any:
    """A value with all that the schema asks for and that it does not say."""
    if isinstance(value, list):
        return [filled(schema.get("items", {}), each) for each in value]
    if isinstance(value, dict):
        whole = dict(value)
        for name, inner in schema.get("properties", {}).items():
            if name in whole:
                whole[name] = filled(inner, whole[name])
            elif name in schema.get("required", ()):
                whole[name] = _least(inner)
        return whole
    return value


def _least(schema: Mapping[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][-1]
    kind = schema.get("type", "null")
    if isinstance(kind, list):
        return None if "null" in kind else _TYPES.get(kind[0])
    return filled(schema, {}) if kind == "object" else _TYPES[kind]


def answer(
    forge: Forge, operation: str, values: Values, query: Values, sent: Any
) -> Any:
    """What a forge does and answers when it is asked for an operation."""
    dialect = {"github": _github, "gitlab": _gitlab, "gitea": _gitea}[forge.dialect]
    return dialect(forge, operation, values, query, sent)


def _short(operation: str) -> str:
    """Verb and last word: ``POST labels``."""
    verb, _, path = operation.partition(" ")
    return f"{verb} {path.rpartition('/')[2]}"


def _find(forge: Forge, number: str) -> Request:
    return forge.requests[int(number) - 1]


def _people(forge: Forge, request: Request, names: list[str]) -> None:
    from forge_server import RefusedError  # noqa: PLC0415  they know each other

    for each in names:
        if each not in forge.users:
            raise RefusedError(422, f"Reviews may only be requested from {forge.users}")
    request.reviewers += [each for each in names if each not in request.reviewers]


def _hosted(forge: Forge, owner: str) -> Mapping[str, Any]:
    from forge_server import RefusedError  # noqa: PLC0415  they know each other

    if owner not in forge.owners:
        raise RefusedError(404, "Not Found")
    return forge.owners[owner]


def _github(
    forge: Forge, operation: str, values: Values, query: Values, sent: Any
) -> Any:
    repository = f"{values.get('owner')}/{values.get('repo')}"
    match _short(operation):
        case "GET pulls":
            owner, _, head = query["head"].partition(":")
            found = [e for e in forge.requests if e.repository == repository]
            chosen = [e for e in found if e.head == head]
            theirs = [e for e in chosen if e.source.startswith(f"{owner}/")]
            return [_pull(forge, each) for each in theirs][::-1]
        case "POST pulls":
            words = {k: sent[k] for k in ("title", "body", "draft") if k in sent}
            head, source = _headed(repository, sent["head"])
            if "head_repo" in sent:
                source = f"{source.partition('/')[0]}/{sent['head_repo']}"
            made = forge.open(repository, head, sent["base"], source, **words)
            return _pull(forge, made)
        case "PATCH {pull_number}":
            request = _find(forge, values["pull_number"])
            request.title, request.body = sent["title"], sent["body"]
            return _pull(forge, request)
        case "POST labels":
            request = _find(forge, values["issue_number"])
            names = sent if isinstance(sent, list) else sent["labels"]
            request.labels += [each for each in names if each not in request.labels]
            return [{"name": each} for each in request.labels]
        case "POST requested_reviewers":
            request = _find(forge, values["pull_number"])
            _people(forge, request, sent.get("reviewers", []))
            return _pull(forge, request)
        case _:
            return _repositories(forge, values.get("org") or values["username"])


def _headed(repository: str, head: str) -> tuple[str, str]:
    """The branch and its repository, of a head that may name a fork's owner."""
    owner, colon, branch = head.rpartition(":")
    name = repository.rpartition("/")[2]
    return branch, f"{owner}/{name}" if colon else repository


def _repositories(forge: Forge, owner: str) -> list[dict[str, Any]]:
    """The repositories of an owner, as GitHub and Gitea show them."""
    return [
        {
            "full_name": f"{owner}/{name}",
            "clone_url": f"http://{forge.host}{forge.below}/{owner}/{name}.git",
            "ssh_url": f"git@{forge.host}:{owner}/{name}.git",
            **more,
        }
        for name, more in _hosted(forge, owner).items()
    ]


def _pull(forge: Forge, request: Request) -> dict[str, Any]:
    """A pull request, as GitHub and Gitea show it."""
    owner = request.source.partition("/")[0]
    where = {"full_name": request.repository, "name": request.repository}
    source = {"full_name": request.source, "name": request.source}
    root = f"http://{forge.host}/{request.repository}"
    api = "/api/v3/repos" if forge.dialect == "github" else "/api/v1/repos"
    label = f"{owner}:{request.head}" if forge.dialect == "github" else request.head
    merged = request.state == "merged"
    return {
        "number": request.number,
        "id": request.number,
        "url": f"http://{forge.host}{api}/{request.repository}/pulls/{request.number}",
        "html_url": f"{root}/pulls/{request.number}",
        "state": "open" if request.state == "open" else "closed",
        "merged": merged,
        "merged_at": "2026-01-31T12:00:00Z" if merged else None,
        "title": request.title,
        "body": request.body,
        "draft": request.draft,
        "labels": [{"name": each} for each in request.labels],
        "requested_reviewers": [{"login": each} for each in request.reviewers],
        "requested_teams": [],
        "head": {"ref": request.head, "label": label, "repo": source},
        "base": {"ref": request.base, "label": request.base, "repo": where},
    }


def _gitlab(
    forge: Forge, operation: str, values: Values, query: Values, sent: Any
) -> Any:
    match operation:
        case "GET /projects/{id}/merge_requests":
            found = [e for e in forge.requests if e.repository == values["id"]]
            wanted = query.get("source_branch")
            return [_merge(forge, e) for e in found if wanted in (None, e.head)][::-1]
        case "POST /projects/{id}/merge_requests":
            target = sent.get("target_project_id")
            made = forge.open(
                _project(forge, target) if target else values["id"],
                sent["source_branch"],
                sent["target_branch"],
                values["id"],
                title=sent["title"],
                body=sent["description"],
            )
            return _merge(forge, made)
        case "PUT /projects/{id}/merge_requests/{merge_request_iid}":
            request = _find(forge, values["merge_request_iid"])
            request.title = sent.get("title", request.title)
            request.body = sent.get("description", request.body)
            request.labels += [e for e in sent.get("add_labels", "").split(",") if e]
            if "reviewer_ids" in sent:
                request.reviewers = [forge.users[e - 1] for e in sent["reviewer_ids"]]
            return _merge(forge, request)
        case "GET /projects/{id}":
            return {"id": _number(forge, values["id"])}
        case "GET /users":
            name = query["username"]
            known = name in forge.users
            return [_person(forge, name)] if known else []
        case _:
            owner = values.get("id") or forge.users[int(values["user_id"]) - 1]
            return [
                {
                    "path_with_namespace": f"{owner}/{name}",
                    "http_url_to_repo": f"http://{forge.host}{forge.below}/{owner}/{name}.git",
                    "ssh_url_to_repo": f"git@{forge.host}:{owner}/{name}.git",
                    **more,
                }
                for name, more in _hosted(forge, owner).items()
            ]


def _projects(forge: Forge) -> list[str]:
    places = sorted(forge.root.glob("*/*.git"))
    return [str(each.relative_to(forge.root)).removesuffix(".git") for each in places]


def _number(forge: Forge, project: str) -> int:
    from forge_server import RefusedError  # noqa: PLC0415  they know each other

    if project not in _projects(forge):
        raise RefusedError(404, "404 Project Not Found")
    return _projects(forge).index(project) + 1


def _project(forge: Forge, number: int) -> str:
    return _projects(forge)[number - 1]


def _person(forge: Forge, name: str) -> dict[str, Any]:
    return {"id": forge.users.index(name) + 1, "username": name}


def _merge(forge: Forge, request: Request) -> dict[str, Any]:
    states = {"open": "opened", "closed": "closed", "merged": "merged"}
    place = f"{request.repository}/-/merge_requests/{request.number}"
    return {
        "iid": request.number,
        "title": request.title,
        "description": request.body,
        "state": states[request.state],
        "source_branch": request.head,
        "target_branch": request.base,
        "source_project_id": _number(forge, request.source),
        "target_project_id": _number(forge, request.repository),
        "web_url": f"http://{forge.host}/{place}",
        "labels": request.labels,
        "reviewers": [_person(forge, each) for each in request.reviewers],
        "draft": request.title.startswith("Draft:"),
    }


def _gitea(  # noqa: PLR0911  one for each operation
    forge: Forge, operation: str, values: Values, query: Values, sent: Any
) -> Any:
    repository = f"{values.get('owner')}/{values.get('repo')}"
    match _short(operation):
        case "GET pulls":
            found = [e for e in forge.requests if e.repository == repository]
            open_ = query["state"] == "open"
            chosen = [e for e in found if (e.state == "open") == open_]
            return [_pull(forge, each) for each in chosen][::-1]
        case "POST pulls":
            words = {"title": sent["title"], "body": sent["body"]}
            head, source = _headed(repository, sent["head"])
            made = forge.open(repository, head, sent["base"], source, **words)
            return _pull(forge, made)
        case "PATCH {index}":
            request = _find(forge, values["index"])
            request.title, request.body = sent["title"], sent["body"]
            return _pull(forge, request)
        case "GET labels":
            names = enumerate(() if "org" in values else forge.labels, 1)
            return [{"id": number, "name": name} for number, name in names]
        case "POST labels":
            request = _find(forge, values["index"])
            names_ = [forge.labels[each - 1] for each in sent["labels"]]
            request.labels += [each for each in names_ if each not in request.labels]
            return [{"name": each} for each in request.labels]
        case "POST requested_reviewers":
            _people(forge, _find(forge, values["index"]), sent["reviewers"])
            return []
        case _:
            return _repositories(forge, values.get("org") or values["username"])
