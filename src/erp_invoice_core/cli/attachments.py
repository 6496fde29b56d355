"""The content of attachments, copied from a directory into the file store."""

from __future__ import annotations

import logging
import unicodedata
from datetime import UTC, datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

import attrs

from ..queue.attachments import MAX_FILE_SIZE
from ..records.kinds import RecordKind
from ..values import Value
from ..wire.procore.problem_rows import build_problem
from .file_store import FileStoreBusy, FileTooLarge
from .output import BadInput, build_bad_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from ..documents import Attachment, Invoice, Problem
    from ..wire.procore import LoadedRecord
    from .context import CommandContext
    from .file_store import FileStore


@attrs.frozen(eq=False, repr=False)
class StoredFile(Value):
    """The result of storing an attachment's file: the digest of its content, or the problem."""

    digest: str | None = None
    problem: Problem | None = None


def keep_files(
    names: Iterable[str], folder: Path, store: FileStore | None
) -> dict[str, StoredFile]:
    """
    Copy the named files into the store, and return the result for each name.

    Call it outside of transactions, because it reads every file.

    Args:
        names: The file names of attachments.
        folder: Their directory; no file outside of it is opened.
        store: The file store.

    Raises:
        BadInput: There is no store, or it cannot be written.
    """
    if store is None:
        sentence = 'The settings name no directory for files. Name one: files_dir = "...".'
        raise build_bad_input("--files", "settings.files_dir", sentence)
    root = folder.resolve()
    there = _list_names(root)
    try:
        return {name: _keep(name, root, there, store) for name in dict.fromkeys(names)}
    except FileStoreBusy as busy:
        locked = build_problem("files_dir", "files.busy", folder=store.folder)
        raise BadInput([locked]) from busy
    except OSError as fault:
        facts = {"folder": store.folder, "reason": fault.strerror or type(fault).__name__}
        raise BadInput([build_problem("files_dir", "files.unwritable", **facts)]) from fault


def _list_names(root: Path) -> Mapping[str, str]:
    """
    Return the file names in the directory, by their normalized form (Unicode NFC).

    So a file is also found if its name has another Unicode form than the name of the attachment.
    """
    try:
        names = sorted((path.name for path in root.iterdir()), reverse=True)
    except OSError:
        return {}
    return {unicodedata.normalize("NFC", name): name for name in names}


def _keep(name: str, root: Path, there: Mapping[str, str], store: FileStore) -> StoredFile:
    try:
        content = _find_inside(name, root) or _find_inside(
            there.get(unicodedata.normalize("NFC", name), ""), root
        )
        if content is None:
            return StoredFile(problem=build_problem("", "attachment.missing", file=name))
        with content.open("rb"):
            pass
    except (OSError, RuntimeError, ValueError) as fault:
        reason = getattr(fault, "strerror", None)
        facts = {"file": name} | ({"reason": reason} if reason else {})
        return StoredFile(problem=build_problem("", "attachment.unreadable", **facts))
    try:
        return StoredFile(store.put(content))
    except FileTooLarge:
        facts = {"file": name, "most": f"{MAX_FILE_SIZE:,}"}
        return StoredFile(problem=build_problem("", "attachment.too_large", **facts))


def _find_inside(name: str, root: Path) -> Path | None:
    """
    Return the path of the file with that name in the directory; ``None`` if there is no such file.

    The result is also ``None`` for a name that is a path, and for a link that leads out of the
    directory.
    """
    if "\0" in name or name in {"", ".", ".."}:
        return None
    if PurePosixPath(name).name != name or PureWindowsPath(name).name != name:
        return None
    target = (root / name).resolve()
    return target if target.is_relative_to(root) and target.is_file() else None


def add_digests(
    given: Sequence[LoadedRecord[Invoice]], found: Mapping[str, StoredFile], warnings: list[Problem]
) -> tuple[LoadedRecord[Invoice], ...]:
    """
    Return the invoices with the SHA-256 of each attachment whose content was found.

    Args:
        given: The invoices, in the order of the file.
        found: The results of :func:`keep_files`, by file name.
        warnings: A list, to which a warning is added for each attachment without content.
    """
    if not found:
        return tuple(given)
    changed = []
    for each in given:
        attachments = tuple(
            _add_digest(file, found, each.build_path(f"attachments[{number}].filename"), warnings)
            for number, file in enumerate(each.value.attachments)
        )
        invoice = attrs.evolve(each.value, attachments=attachments)
        changed.append(attrs.evolve(each, value=invoice))
    return tuple(changed)


def _add_digest(
    file: Attachment, found: Mapping[str, StoredFile], path: str, warnings: list[Problem]
) -> Attachment:
    one = found.get(file.filename)
    if one is None:
        return file
    if one.problem is not None:
        warnings.append(attrs.evolve(one.problem, path=path))
        return file
    if file.digest is not None and one.digest != file.digest.lower():
        facts = {"file": file.filename, "digest": one.digest, "stated": file.digest}
        warnings.append(build_problem(path, "attachment.differs", **facts))
    return attrs.evolve(file, digest=one.digest)


_LOG = logging.getLogger(__name__)


def _read_clock() -> datetime:
    return datetime.now(UTC)


def remove_unreferenced_files(
    context: CommandContext, clock: Callable[[], datetime] = _read_clock
) -> None:
    """
    Remove content from the file store that has belonged to no attachment for seven days.

    The attachments are those of loaded invoices and of entries. At most one search a day is made.
    Call it after a commit, outside of transactions. A failure is logged, and nothing is raised.
    """
    if context.files is None:
        return
    try:
        removed = context.files.remove_unreferenced(lambda: _list_referenced(context), clock())
    except (OSError, FileStoreBusy) as error:
        _LOG.warning(
            "Content of attachments could not be removed.", extra={"error": type(error).__name__}
        )
        return
    if removed:
        _LOG.info("Content of attachments was removed.", extra={"count": len(removed)})


def _list_referenced(context: CommandContext) -> set[str]:
    """Return the digests of the attachments of all loaded invoices and of all entries."""
    invoices: Iterable[Invoice] = context.records.get_all(RecordKind.REQUISITION).values()
    attachments: list[Attachment] = [file for each in invoices for file in each.attachments]
    for entry in context.store.entries():
        if entry.document is not None:
            attachments += entry.document.attachments
    return {file.digest for file in attachments if file.digest}
