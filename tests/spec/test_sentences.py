"""Code and facts determine the sentence, and every sentence can be translated."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

import erp_invoice_core
from erp_invoice_core import (
    Denial,
    Notice,
    Remedy,
    Source,
    Wait,
    WaitFor,
    message_templates,
    translate,
    translate_who,
)
from erp_invoice_core.documents import Problem
from erp_invoice_core.documents.problem_rows import PROBLEMS
from erp_invoice_core.message_template import ANY, MessageKind, list_places
from erp_invoice_core.rules import CONDITIONS, NOTICES, Policy, decide
from erp_invoice_core.stores.finding_rows import FINDINGS, Finding
from erp_invoice_core.translation import MODULES, find_template
from erp_invoice_core.vocabulary import Action, ExportStatus
from erp_invoice_core.wire.procore.problem_rows import LOAD_PROBLEMS, list_rows

from .allowed_cases import build_allowed_case
from .scenarios import bend_cases, people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from erp_invoice_core import MessageTemplate
    from erp_invoice_core.rules import Case

PACKAGE = Path(erp_invoice_core.__path__[0])
LISTED = [
    line
    for line in Path(__file__).with_name("codes.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
_PART = re.compile("<[a-z]+>")
#: Examples and names of lines, which are the same in every case.
_WRITTEN = re.compile(r"2026-10-31|line 8|G702|v2\.0|UTF-8|ISO 4217|SHA-256")
#: The modules that make messages of values that are not theirs: a stored one, an adapter's.
_READERS = {"verdict.py", "adapters/answers.py"}
#: The modules that make problems of the command and its settings, which are not translated.
_OF_THE_COMMAND = re.compile(r"cli/|adapters/(mappings|registry|settings)\.py")
#: The functions that make a message of a code of a table, and the table.
_MAKERS: Mapping[str, Callable[[str], tuple[MessageTemplate, ...] | None]] = {
    "make_problem": PROBLEMS.get,
    "build_problem": list_rows,
    "build_finding": FINDINGS.get,
    "report_problem": list_rows,
    "_report_problem": list_rows,
    "_report": list_rows,
    "report": list_rows,
    "warn": list_rows,
    "WrongValue": list_rows,
    "_build_refusal": list_rows,
}


def _pseudo(text: str) -> str:
    """Return the template in a language whose words have no letter of English."""
    parts = re.split(r"(\{[a-z_0-9]+\})", text)
    return "".join(
        part if part.startswith("{") else re.sub("[A-Za-z]", "\u044f", part) for part in parts
    )


def _list_cases() -> Iterator[tuple[Action, Case]]:
    for _, action, case, _ in (*bend_cases("Bent cases"), *bend_cases("Notices")):
        yield action, case
    for action, status, actor in product(Action, (*ExportStatus, None), people().values()):
        yield action, attrs.evolve(build_allowed_case(action), actor=actor, export_status=status)
    yield (
        Action.SEND,
        attrs.evolve(build_allowed_case(Action.SEND), invoice_status=None, currency=None),
    )
    apart = Policy(separation_of_duties=True)
    yield (
        Action.ACCEPT,
        attrs.evolve(build_allowed_case(Action.ACCEPT), policy=apart, sent_by="everything"),
    )


def _list_reasons() -> Iterator[Denial | Notice]:
    for action, case in _list_cases():
        verdict = decide(action, case)
        yield from verdict.denials
        yield from verdict.notices


def _list_remedies() -> set[Remedy]:
    return {
        remedy
        for reason in _list_reasons()
        if isinstance(reason, Denial)
        for together in reason.remedies
        for remedy in together
    }


def _build_example(
    template: MessageTemplate,
) -> Denial | Notice | Remedy | Wait | Problem | Finding:
    """Return a message that is made from the template, with a number for each fact."""
    given = {name: "7" if value == ANY else value for name, value in template.when.items()}
    facts = {**{place: str(number) for number, place in enumerate(template.places)}, **given}
    code, text = _PART.sub("word", template.code), template.fill(facts)
    if template.kind is MessageKind.DENIAL:
        return Denial(code, text, Source.CONDITION, facts)
    if template.kind is MessageKind.NOTICE:
        return Notice(code, text, Source.CONDITION, facts)
    if template.kind is MessageKind.PROBLEM:
        return Problem("items[0]", code, text, facts)
    if template.kind is MessageKind.FINDING:
        return Finding("5001", code, text, facts)
    if template.kind is MessageKind.REMEDY:
        return Remedy(code, None, None, "", text, facts)
    return Wait(waits_for=WaitFor.TIME, code=code, message=text, facts=facts)


def test_code_and_facts_determine_the_sentence() -> None:
    """Two reasons with one code and the same facts have the same message."""
    sentences: dict[tuple[object, ...], set[str]] = {}
    for reason in _list_reasons():
        key = type(reason), reason.code, frozenset(reason.facts.items())
        sentences.setdefault(key, set()).add(reason.message)

    assert [] == [texts for texts in sentences.values() if len(texts) > 1]


def test_messages_are_their_templates_with_their_facts() -> None:
    """Code and facts of every message that a scenario calls forth give its template back."""
    for message in (*_list_reasons(), *_list_remedies()):
        template = find_template(message)
        assert template is not None
        assert template.fill(message.facts) == message.message


def test_rows_name_every_template_of_their_findings() -> None:
    """A finding of a condition uses one of the templates of its row."""
    for action, case in _list_cases():
        for row in (*CONDITIONS, *NOTICES):
            if action in row.acts and not row.is_met(case):
                assert {template for _, template, _, _ in row.findings(case)} <= set(row.templates)


def test_no_value_stands_in_a_template() -> None:
    """A template without its places has no figure."""
    bare = (
        _WRITTEN.sub("", re.sub(r"\{[a-z_0-9]+\}", "", template.text))
        for template in message_templates()
    )

    assert [] == [text for text in bare if re.search("[0-9]", text)]


def test_templates_are_whole_sentences() -> None:
    """A template begins with a capital letter or a fact, and ends with a full stop or a fact."""
    assert [] == [
        template.text
        for template in message_templates()
        if template.kind is not MessageKind.WHO
        and not re.match(r"([A-Z{].*[.}]|bean-check .*\})\Z", template.text)
    ]


def test_every_template_is_translated() -> None:
    """A message of each template is found by its code and facts, and has no English letter."""
    for template in message_templates():
        if template.kind is MessageKind.WHO:
            continue
        message = _build_example(template)
        translated = translate(message, _pseudo)
        values = "".join(message.facts[place] for place in template.places)
        assert _pseudo(template.text).format_map(message.facts) == translated
        assert not re.search("[A-Za-z]", translated) or re.search("[A-Za-z]", values)


def test_every_message_of_the_scenarios_is_translated() -> None:
    """No English letter is left outside of the facts."""
    for message in (*_list_reasons(), *_list_remedies()):
        template = find_template(message)
        assert template is not None
        assert _pseudo(template.text).format_map(message.facts) == translate(message, _pseudo)
        marked = dict.fromkeys(message.facts, "#")
        assert not re.search("[A-Za-z]", _pseudo(template.text).format_map(marked))


def test_roles_are_translated() -> None:
    """Who can apply a remedy is a role, permissions, or whom the host named."""
    for remedy in _list_remedies():
        translated = translate_who(remedy, _pseudo)
        permissions = remedy.who.removesuffix(", but not the sender")
        assert translated in {
            _pseudo(remedy.who),
            remedy.who,
            f"{permissions}{_pseudo(', but not the sender')}",
        }
        if remedy.action is None and remedy.code != "hold.release":
            assert "(Admin)" in translated or not re.search("[A-Za-z]", translated)


def test_every_listed_code_has_a_template() -> None:
    """Each code of the append-only list is translated."""
    shapes = [
        re.compile(re.sub("<[a-z]+>", "([a-z_]+|<[a-z]+>)", template.code.replace(".", r"\.")))
        for template in message_templates()
        if template.kind in {MessageKind.DENIAL, MessageKind.NOTICE, MessageKind.WAIT}
    ]

    assert [] == [code for code in LISTED if not any(shape.fullmatch(code) for shape in shapes)]


@cache
def _list_calls(path: Path) -> tuple[tuple[str, ast.Call], ...]:
    """Return the calls of a module, each with the called function as it is written."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return tuple((ast.unparse(node.func), node) for node in calls)


def test_messages_are_made_by_templates_alone() -> None:
    """No module fills a sentence by itself: messages are constants, or made by a template."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name in _READERS or name.startswith("testing/"):
            continue
        for called, node in _list_calls(path):
            if called in {"Denial", "Notice"}:
                message = ast.unparse(node.args[1])
                assert re.fullmatch(r"(self|template)\.fill\(facts\)|[_a-zA-Z.]+", message), name


def test_problems_and_findings_are_made_by_templates_alone() -> None:
    """No module of documents, files, records and stores fills the sentence of one by itself."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if _OF_THE_COMMAND.match(name) or name.startswith("testing/"):
            continue
        for called, node in _list_calls(path):
            if called in {"Problem", "Finding"}:
                message = ast.unparse(node.args[2])
                assert re.match(r"\*fill_by_facts\(", message), name


def _list_made() -> Iterator[tuple[str, str, set[str] | None]]:
    """Yield module, code and names of facts of each call that makes a problem or a finding."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        # The command has a function of this name for its own sentences.
        others = set() if "problem_rows import" in text else {"build_problem"}
        for called, node in _list_calls(path):
            maker = called.rpartition(".")[2]
            codes = [each for each in node.args if _is_code(each)]
            if maker in _MAKERS and maker not in others and codes:
                names = {each.arg for each in node.keywords}
                known = None if None in names else {name for name in names if name}
                yield maker, str(ast.literal_eval(codes[0])), known


def _is_code(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(
        re.match(r"[a-z_]+\.[a-z_0-9]+\Z", str(node.value))
    )


def test_every_problem_that_is_made_has_a_template() -> None:
    """A code is in the table of its maker, with a template that has places for the facts."""
    made = list(_list_made())

    assert 90 < len(made)
    for maker, code, names in made:
        rows = _MAKERS[maker](code)
        assert rows, code
        if names is not None:
            assert any({*row.places, *row.when} == names for row in rows), (code, names)


def test_every_row_of_problems_and_findings_is_used() -> None:
    """A code of a table is made somewhere."""
    made = {code for _, code, _ in _list_made()}

    assert set() == {*PROBLEMS, *LOAD_PROBLEMS, *FINDINGS} - made - _ELSEWHERE


#: The codes of problems that a function makes of one of two codes.
_ELSEWHERE = {"file.kind_ambiguous", "file.kind_unknown"}


def test_texts_of_templates_are_constants() -> None:
    """No template is formatted or joined where it is made."""
    for path in sorted(PACKAGE.rglob("*.py")):
        is_table = path.name in {"problem_rows.py", "finding_rows.py"}
        for called, node in _list_calls(path):
            if called == "MessageTemplate":
                assert isinstance(node.args[1], ast.Constant | ast.Name | ast.Attribute | ast.IfExp)
            if called == "_row" and is_table:
                assert all(isinstance(each, ast.Constant) for each in node.args)


def test_modules_with_templates_are_known() -> None:
    """A module that has a template as a constant is one of those that are searched, or a table."""
    tables = {
        "documents/difference.py",
        "documents/problem_rows.py",
        "flow/wait.py",
        "message_template.py",
        "rules/remedies.py",
        "rules/state_table.py",
        "stores/finding_rows.py",
        "translation.py",
        "wire/procore/problem_rows.py",
    }
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "MessageTemplate(" in path.read_text(encoding="utf-8")
    }
    searched = {
        name
        for module in MODULES
        for name in (f"{module.replace('.', '/')}.py", f"{module.replace('.', '/')}/__init__.py")
    }

    assert set() == {
        name for name in found - searched - tables if not name.startswith("rules/conditions/")
    }


def test_places_of_a_template_are_facts() -> None:
    """The places of each remedy are exactly its facts."""
    remedies = _list_remedies()

    assert 30 < len({remedy.code for remedy in remedies})
    for remedy in remedies:
        template = find_template(remedy)
        assert template is not None
        assert set(list_places(template.text)) == set(remedy.facts)
