"""Which values of one file are lifted, and under which name.

The decision is the same before and after it was carried out: uses of the constants
count like the literals that they replaced.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from testmend.line_length import BLACK
from testmend_codemods.knowledge.beside import is_copied, is_recorded
from testmend_codemods.literals.finding.company import Company, Decision, crowded
from testmend_codemods.literals.finding.numbers import numbers
from testmend_codemods.literals.grammar import words
from testmend_codemods.literals.grammar.kinship import agree
from testmend_codemods.literals.grammar.values import NETWORKED, is_assigned
from testmend_codemods.literals.homes.imported import Imported, imported
from testmend_codemods.literals.lines.fitting import Fitting
from testmend_codemods.literals.naming import Ballot, ballot, spoken, strange_scopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from testmend.codemod import Context
    from testmend_codemods.literals.model import Seen, Use
    from testmend_codemods.literals.options import LiteralOptions

_MAX_NEUTRAL = 3  # more constants without names say no more than the values
_OFTEN = 4  # uses of a value that is worth a name, whatever stands around it


class Plan:
    """The decisions of one codemod about one file.

    ``prefix``: of its constants. ``shared``: the path of the module that this run adds
    constants to; what it holds is not taken as other modules' constants are.
    """

    def __init__(
        self,
        seen: Seen,
        context: Context,
        options: LiteralOptions,
        prefix: str,
        shared: str = "",
    ) -> None:
        self.seen = seen
        self.context = context
        self.options = options
        self.prefix = prefix
        self.shared = shared
        self._strange: dict[tuple[str, str], frozenset[int]] = {}

    @cached_property
    def values(self) -> Mapping[str, list[Use]]:
        """The uses of each value that may be lifted, in order of the file."""
        found: dict[str, list[Use]] = defaultdict(list)
        for use in self.seen.uses:
            if use.liftable and use.value not in self.seen.secrets:
                found[use.value].append(use)
        return found

    @cached_property
    def ballots(self) -> Mapping[str, Ballot]:
        """The name that each value's uses agree on."""
        return {value: self._ballot(uses) for value, uses in self.values.items()}

    @cached_property
    def _staying(self) -> Mapping[str, list[Use]]:
        """The uses that stay for the company they are in, and still name the value."""
        found: dict[str, list[Use]] = defaultdict(list)
        for use in self.seen.uses:
            if use.reason and use.vote and not use.mute:
                found[use.value].append(use)
        return found

    def _ballot(self, uses: list[Use]) -> Ballot:
        loud = [use for use in uses if not use.mute]
        if uses[0].liftable:
            loud += self._staying.get(uses[0].value, ())
        found = ballot(loud, uses[0].kind, self.context)
        strange = strange_scopes(loud, found.name, self.context)
        if any(use.beside for use in loud if use.scope in strange):
            return Ballot()  # the name would tear a list apart
        return found

    @cached_property
    def imported(self) -> Mapping[str, Imported]:
        """The constants of other modules that stand for values as they are."""
        asked = {
            value: uses
            for value, uses in self.values.items()
            if not any(use.early for use in uses) and self._refused(value) is None
        }
        found = imported(asked, self.ballots, self.context, self.shared)
        return {
            value: each
            for value, each in found.items()
            if not self.strange(value, each.name)
        }

    @cached_property
    def _claims(self) -> Mapping[str, list[str]]:
        """The values that are called by each name."""
        found: dict[str, list[str]] = defaultdict(list)
        for value, each in self.ballots.items():
            if value not in self.imported:
                found[each.name].append(value)
        for value, uses in self._staying.items():
            if value not in self.ballots:
                found[self._ballot(uses).name].append(value)
        return found

    def is_alone(self, value: str) -> bool:
        """Whether no other value of the file is called by the name of this one."""
        return len(self._claims.get(self.ballots[value].name, ())) <= 1

    @cached_property
    def decisions(self) -> Mapping[str, Decision]:
        """What becomes of each value."""
        found = dict(self._decided())
        for value, there in self.imported.items():
            given = ((there.path, there.statement),)
            found[value] = Decision(there.text, given=given)
        for value in found:
            if self._company.breaks_network(value, found):
                found[value] = Decision(reason="same-network")
        while wide := self._misfits(found):
            found |= dict.fromkeys(wide, Decision(reason="line-too-long"))
        while split := [v for v in found if found[v].new and self._splits(v, found)]:
            found |= dict.fromkeys(split, Decision(reason="same-list"))
        return found | self._without_gaps(found)

    def _splits(self, value: str, decisions: Mapping[str, Decision]) -> bool:
        """Whether a value would be lifted while others of its list or rows stay.

        One of the rows may have a constant if that can be no other's name, or if it is
        the one that most tests speak of.
        """
        company = self._company
        if company.splits_list(value, decisions):
            return True
        one_of_many = len(self.values[value]) < _OFTEN and not self.is_alone(value)
        return one_of_many and company.splits_rows(value, decisions)

    @cached_property
    def _company(self) -> Company:
        return Company(self.seen, self.values)

    def strange(self, value: str, name: str) -> frozenset[int]:
        """The functions that have a value for another thing than a name says.

        A constant of that name doesn't stand there.
        """
        if (value, name) not in self._strange:
            uses = self.values.get(value, ())
            self._strange[value, name] = strange_scopes(uses, name, self.context)
        return self._strange[value, name]

    def is_strange(self, use: Use, name: str) -> bool:
        """Whether a use stands in a function that has the value for another thing."""
        return use.scope in self.strange(use.value, name)

    def reused(self, use: Use) -> Decision:
        """The constant of the file that a use can take."""
        vote = spoken(use, self.context)
        said = vote.words if vote else ()
        fitting = [
            name
            for name in use.reuse
            if agree(words.split(name), said) and not self.is_strange(use, name)
        ]
        if not fitting:
            return Decision(
                reason="named-differently" if use.reuse else "constant-hidden"
            )
        wanted = set(words.stem(said))
        return Decision(
            max(fitting, key=lambda n: len(wanted & set(words.stem(words.split(n)))))
        )

    # -- decisions ---------------------------------------------------------------

    def _decided(self) -> Iterator[tuple[str, Decision]]:
        asked = [value for value in self.values if value not in self.imported]
        claims = self._claims
        used = self._used()
        named: list[tuple[str, Decision]] = []
        later: list[str] = []
        for value in asked:
            name = self.ballots[value].name
            refusal = self._refused(value)
            if refusal is not None:
                named.append((value, refusal))
            elif name and len(claims[name]) == 1 and self.prefix + name not in used:
                named.append((value, self._new(name, used)))
            else:
                later.append(value)
        yield from named
        wide = [value for value in asked if self._wide(value)]
        neutral = self._nameless(wide)
        crowds = crowded(
            self._title(value)
            for value in wide
            if self.values[value][0].kind in NETWORKED
        )
        for value in later:
            name = self._title(value)
            if not self._wide(value):
                own = self.ballots[value].name
                alone = bool(own) and len(claims[own]) == 1
                yield value, Decision(reason=self._narrow(own, alone=alone))
            elif name and self.options.naming != "specific" and name not in crowds:
                yield value, self._new(self._numbered(name, used), used)
            elif value in neutral:
                base = self._neutral(value)
                yield value, self._new(self._numbered(base, used), used)
            else:
                yield value, Decision(reason="shared-name" if name else "no-name")

    def _nameless(self, values: Iterable[str]) -> list[str]:
        """The values that are called ``FAKE_UUID``; none that others gave a meaning."""
        if self.options.naming != "neutral":
            return []
        found = [v for v in values if not self._title(v) and not is_assigned(v)]
        return found if len(found) <= _MAX_NEUTRAL else []

    def _without_gaps(self, found: Mapping[str, Decision]) -> dict[str, Decision]:
        """The new constants, numbered anew: those that were refused have no number."""
        used = self._used()
        titles = {v: self._title(v) or self._neutral(v) for v in found if found[v].new}
        return {
            value: self._new(self._numbered(title, used), used)
            for value, title in titles.items()
        }

    def _used(self) -> set[str]:
        """The names that no new constant can have."""
        return {*self.seen.taken, *(each.name for each in self.imported.values())}

    def _neutral(self, value: str) -> str:
        return words.neutral(self.values[value][0].kind)

    def _title(self, value: str) -> str:
        """The best name for a value that is used widely, maybe shared with others."""
        return self.ballots[value].name or self.ballots[value].common

    def _new(self, name: str, used: set[str]) -> Decision:
        full = self.prefix + name
        used.add(full)
        return Decision(full, new=True)

    def _numbered(self, name: str, used: set[str]) -> str:
        number = 1
        while self.prefix + words.numbered(name, number) in used:
            number += 1
        return words.numbered(name, number)

    @cached_property
    def _is_data(self) -> bool:
        """Whether it is data that no file imports, another's, or its output is kept."""
        index, path = self.context.index, self.context.path
        if is_copied(index, path):
            return True
        alone = self.seen.only_data
        return not index.importers(path) if alone else is_recorded(index, path)

    @cached_property
    def _numbers(self) -> frozenset[str]:
        """The values that are versions or identifiers, as any use says."""
        return frozenset(numbers(self.seen.uses, self.context))

    def _refused(self, value: str) -> Decision | None:
        if self._is_data:
            return Decision(reason="test-data")
        if any(constant == value for _, constant in self.seen.constants):
            return Decision()  # it has a constant; each use decides
        uses = self.values[value]
        reasons = {
            "version": value in self._numbers,
            "well-known": len(uses) == 1 and uses[0].bound and is_assigned(value),
            "class-constant": value in self.seen.owned,
            # Nothing else of the file has it to share.
            "literal-tested": len(uses) == 1 and uses[0].expected,
            "star-import": self.seen.star_below,
            "dict-key": all(use.mute for use in uses),
            "above-constants": all(use.early for use in uses),
        }
        found = next((reason for reason, holds in reasons.items() if holds), None)
        return Decision(reason=found) if found else None

    def _wide(self, value: str) -> bool:
        """Whether a value is used widely enough for a name that is not its own."""
        strange = self.strange(value, self._title(value))
        uses = [
            use
            for use in self.values[value]
            if not (use.mute or use.early or use.scope in strange)
        ]
        scopes = {use.scope for use in uses}
        return (
            len(uses) >= self.options.min_uses
            and len(scopes) >= self.options.min_scopes
        )

    def _narrow(self, name: str, *, alone: bool) -> str:
        if not name:
            return "no-name"
        return "name-taken" if alone else "shared-name"

    # -- what stands against a decision -------------------------------------------

    def _misfits(self, decisions: Mapping[str, Decision]) -> set[str]:
        """The values whose new constants make lines too long that can't be broken."""
        new = {
            value: each.name
            for value, each in decisions.items()
            if each.new or each.given
        }
        texts = [
            (use, name)
            for value, name in new.items()
            for use in self.values[value]
            if use.literal and not use.early and not self.is_strange(use, name)
        ]
        return {use.value for use in self.fitting(texts).misfits()}

    def fitting(self, texts: Iterable[tuple[Use, str]]) -> Fitting:
        """The lines of the file with these texts in place of the uses."""
        context, exploded = self.context, self.seen.exploded
        lines = context.index.lines(context.path)
        if exploded is None:
            exploded = lines.black
        limit = max(lines.longest, self.seen.widest * exploded)
        limit = min(limit, lines.formatted or limit)  # or it can't break the widest
        joins = limit
        if not lines.black:
            looks_so = exploded and self.seen.is_narrow
            limit = min(limit, BLACK) if looks_so else limit
            joins = limit * (looks_so and self.seen.quote == '"')
        return Fitting(texts, limit, exploded=exploded, joins=joins)
