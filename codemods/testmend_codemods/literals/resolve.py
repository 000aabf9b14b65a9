"""From the plan of one file to findings and their edits."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend.model import Edit, Finding, Fix
from testmend_codemods.literals.finding.company import Decision
from testmend_codemods.literals.grammar.values import NETWORKED
from testmend_codemods.literals.lines import block
from testmend_codemods.literals.options import IpOptions, UuidOptions
from testmend_codemods.literals.plan import Plan
from testmend_codemods.literals.sentinels import Replacing
from testmend_codemods.literals.shared import Home, home, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from testmend.codemod import Context
    from testmend_codemods.literals.lines.fitting import Fitting
    from testmend_codemods.literals.model import Seen, Use
    from testmend_codemods.literals.options import LiteralOptions

_SHOWN = {"uuid": "UUID", "ip": "address", "cidr": "network"}
Named = tuple["Use", "Decision"]


def resolve(
    codemod: str, seen: Seen, context: Context, options: LiteralOptions
) -> Iterator[Finding]:
    """One finding for each value that is lifted, one for each literal that is not."""
    shared = place_of(context.path) if _placement(options) == "shared" else ""
    plan = Plan(seen, context, options, _prefix(seen, context), shared)
    lifted: dict[str, list[Named]] = defaultdict(list)
    for use in seen.near:
        yield _left(codemod, use, use.reason)
    for use in (each for each in seen.uses if each.literal):
        decision = _decision(plan, use)
        if decision.name:
            lifted[use.value].append((use, decision))
        else:
            yield _left(codemod, use, decision.reason)
    for use in seen.embedded:
        decision = _held(plan, use, lifted.get(use.value, []))
        if decision.name:
            lifted[use.value].append((use, decision))
    elsewhere = _elsewhere(plan)
    placed = {value: _replaced(uses, elsewhere) for value, uses in lifted.items()}
    for use in _fit(plan, lifted, placed):
        yield _left(codemod, use, "line-too-long")
    fitting = plan.fitting(_texts(placed))
    shifted: Counter[int] = Counter()
    for value in (value for value, uses in placed.items() if uses):
        finding = _lifted(codemod, seen, placed[value], shifted, fitting)
        if placed[value] is not lifted[value] and finding.fix and elsewhere:
            finding = replace(finding, fix=elsewhere.completed(finding.fix))
        yield finding


def _decision(plan: Plan, use: Use) -> Decision:
    """What becomes of one literal."""
    if use.value in plan.seen.secrets:
        return Decision(reason="credential")
    if use.reason:
        return Decision(reason=use.reason)
    decision = plan.decisions[use.value]
    if not decision.name and not decision.reason:
        return plan.reused(use)
    if decision.new and use.early:
        return Decision(reason="above-constants")
    if decision.new and plan.is_strange(use, decision.name):
        return Decision(reason="named-differently")
    return decision


def _held(plan: Plan, use: Use, lifted: list[Named]) -> Decision:
    """The constant for a value inside a longer string: one that it has anyway."""
    if use.value in plan.seen.secrets:
        return Decision()
    new = next((each for _, each in lifted if each.new), None)
    if new is not None:
        apart = use.early or plan.is_strange(use, new.name)
        return Decision() if apart else new
    return plan.reused(use)


def _fit(
    plan: Plan, lifted: Mapping[str, list[Named]], placed: dict[str, list[Named]]
) -> Iterator[Use]:
    """Take out of ``placed`` what makes a line too long: yields the uses that stay.

    What stands elsewhere comes back first: its expression is the longer one.
    """
    while wide := plan.fitting(_texts(placed)).misfits():
        back = [use for use in wide if placed[use.value] is not lifted[use.value]]
        for use in back:
            placed[use.value] = lifted[use.value]
        for use in () if back else sorted(wide, key=lambda each: each.start):
            uses = lifted[use.value]
            uses[:] = (each for each in uses if each[0] is not use)
            if not use.template:
                yield use


def _texts(placed: Mapping[str, list[Named]]) -> list[tuple[Use, str]]:
    return [
        (use, use.text(each.name)) for uses in placed.values() for use, each in uses
    ]


def _elsewhere(plan: Plan) -> Replacing | Home | None:
    """Where values go instead of into the module, by the options."""
    placement = _placement(plan.options)
    if placement == "sentinel":
        return Replacing(plan)
    if placement == "shared":
        return home(plan)
    return None


def _placement(options: LiteralOptions) -> str:
    if isinstance(options, UuidOptions | IpOptions):
        return options.placement
    return "module"


def _replaced(uses: list[Named], elsewhere: Replacing | Home | None) -> list[Named]:
    """The uses with what stands for the value in place of a constant of the module."""
    _, decision = uses[0]
    if elsewhere is None or not decision.new:
        return uses
    name = elsewhere.expression(decision.name, [use for use, _ in uses])
    return [(use, Decision(name)) for use, _ in uses] if name else uses


def _prefix(seen: Seen, context: Context) -> str:
    """An underscore where the names of the module go to others."""
    importers = context.index.importers(context.path)
    starred = any(each.name == "*" for _, each in importers)
    return "_" if seen.exports or starred else ""


def _left(codemod: str, use: Use, reason: str) -> Finding:
    shown = _SHOWN.get(use.kind, use.kind)
    message = f"{shown} {use.value} is written out"
    if reason == "credential":
        message = f"a {shown} is a credential by its name"
    elif reason == "near-value":
        message = f"{use.value} looks like a {shown}"
    # A suppressed place never leaves the engine: any code will do.
    return Finding(codemod, use.range, message, reason=reason)


def _lifted(
    codemod: str,
    seen: Seen,
    uses: list[Named],
    shifted: Counter[int],
    fitting: Fitting,
) -> Finding:
    edits: list[Edit] = []
    first, decision = uses[0]
    for use, named in uses:
        text = use.text(named.name)
        edits.append(Edit(use.start, use.end, text))
        edits += fitting.edits(use)
        edits += _follow(use, len(text) - (use.end - use.start), shifted)
    if decision.new:
        prefixes = {use.prefix for use, _ in uses if not use.template}
        prefix = prefixes.pop() if len(prefixes) == 1 else ""
        text = f"{decision.name} = {prefix}{seen.quote}{first.value}{seen.quote}"
        edits += block.insertions(seen.place, first.start, text)
    names = " or ".join(dict.fromkeys(named.name for _, named in uses))
    message = (
        f"{_SHOWN.get(first.kind, first.kind)} {first.value} is written out"
        f"{_times(len(uses))}; {names} says what it is"
    )
    left = dict(seen.copies).get(first.value, 0)
    left -= sum(bool(use.template) for use, _ in uses)
    if left > 0:
        hold = "strings hold" if left > 1 else "string holds"
        message += f" ({left} longer {hold} it, too)"
    fix = Fix(tuple(edits), given=decision.given)
    return Finding(codemod, first.range, message, fix)


def _times(count: int) -> str:
    return "" if count == 1 else f" {count} times"


def _follow(use: Use, grows: int, shifted: Counter[int]) -> Iterable[Edit]:
    """Move the lines that are aligned with something behind the value.

    Several values may move one line: each takes its own part of the white space, UUIDs
    from the left and addresses from the right, so that both codemods can run together.
    """
    for shift in use.shifts:
        if grows > 0:
            yield Edit(shift.start, shift.start, " " * grows, (use.start,))
        elif grows < 0:
            done = shifted[shift.start]
            shifted[shift.start] -= grows
            start = shift.start + done
            if use.kind in NETWORKED:
                start = shift.start + shift.width - done + grows
            yield Edit(start, start - grows, "")
