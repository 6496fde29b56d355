"""
A Tryton of one's own: set up once, copied for each use, started on a free port of this machine.

Tryton is a program beside ours, in an environment of its own. The database of a company that is set
up is kept in a folder, under the digest of everything that it was made from. A copy of it is there
in a moment.
"""

from __future__ import annotations

import configparser
import fcntl
import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: The environment that ``make`` creates.
ENVIRONMENT = ROOT / ".tools" / "tryton"
#: The folder of the databases that are set up.
TEMPLATES = ROOT / "build" / "tryton"
REQUIREMENTS = HERE / "requirements.txt"
SET_UP = HERE / "set_up_company.py"
COMPANY = HERE / "company.json"
DATABASE = "tryton"
#: The name of the connection in settings files.
CONNECTION = "tryton"
MODULES = ("account_invoice", "analytic_invoice", "account_statement")
#: Further languages than English, whose charts of accounts a company can have.
LANGUAGES = ("fr",)
_MEMORY = Path("/dev/shm")  # noqa: S108 - where it is there, it is the system's own
#: The password of the user ``admin``, in a database that only this machine reaches.
PASSWORD = "harbor point"  # noqa: S105 - of a demo
CONFIGURATION = "trytond.conf"
#: The file with the number of the process of a running server.
PROCESS = "trytond.pid"
_PATIENCE = 120.0
_MODULES_MARK = "modules"


class TrytonFailed(Exception):
    """Tryton cannot be set up or started; the text says why, and what to do."""


class TrytonMissing(TrytonFailed):
    """Tryton's environment is not there; the text says how to create it."""


def require_environment() -> Path:
    """
    Return the folder of Tryton's programs.

    Raises:
        TrytonMissing: It is not there.
    """
    programs = ENVIRONMENT / "bin"
    if not (programs / "trytond").exists():
        msg = (
            f"Tryton is not installed in {ENVIRONMENT}. Install it from the package index with: make"
            " tryton"
        )
        raise TrytonMissing(msg)
    return programs


def read_plan(path: Path = COMPANY) -> dict[str, Any]:
    """Return the description of a company."""
    plan: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return plan


def list_closed_days(path: Path = COMPANY) -> list[date]:
    """Return a day of each month whose accounting period is closed in a company."""
    return [date.fromisoformat(f"{month}-15") for month in read_plan(path)["closed"]]


def write_configuration(folder: Path, uri: str | None = None, port: int = 0) -> Path:
    """Write the configuration of trytond; without a URI for a database of SQLite in the folder."""
    path = folder / CONFIGURATION
    # Tryton opens its database from another folder, therefore the path is absolute.
    path.write_text(
        f"[database]\nuri = {uri or 'sqlite://'}\npath = {folder.resolve()}\n"
        f"[web]\nlisten = 127.0.0.1:{port}\n",
        encoding="utf-8",
    )
    return path


def _run(folder: Path, *command: str | Path, **environ: str) -> None:
    """
    Run a program of Tryton's environment; its output is in the log of the folder.

    Raises:
        TrytonFailed: The program ended with an error.
    """
    environ = {**os.environ, "TRYTONPASSFILE": str(folder / "password"), **environ}
    log = folder / "set-up.log"
    with log.open("ab") as out:
        done = subprocess.run(command, env=environ, stdout=out, stderr=out, check=False)
    if done.returncode:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        msg = f"Tryton cannot be set up: {command[0]} ended with {done.returncode}.\n{tail}"
        raise TrytonFailed(msg)


@contextmanager
def scratch(near: Path) -> Iterator[Path]:
    """Provide a folder in memory where there is some, else near another one."""
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else near
    with tempfile.TemporaryDirectory(prefix="tryton-", dir=place) as name:
        folder = Path(name)
        (folder / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
        yield folder


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Let one process set a database up, and the others wait for it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _compute_digest(programs: Path, *parts: str) -> str:
    """Return the digest of what a database is made from: versions, Python, script, company."""
    versions = REQUIREMENTS.read_text(encoding="utf-8")
    python = (programs.parent / "pyvenv.cfg").read_text(encoding="utf-8")
    version = next(line for line in python.splitlines() if line.startswith("version"))
    whole = "\0".join([versions, version, *MODULES, *LANGUAGES, *parts])
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def prepare(plan: dict[str, Any] | None = None, templates: Path = TEMPLATES) -> Path:
    """
    Return the folder with the database of a company, and its ids; they are made if need be.

    The modules are activated once for all companies, as that takes most of the time.
    """
    programs = require_environment()
    text = json.dumps(plan or read_plan(), sort_keys=True)
    script = SET_UP.read_text(encoding="utf-8")
    company = templates / f"company-{_compute_digest(programs, script, text)}"
    base = templates / f"{_MODULES_MARK}-{_compute_digest(programs)}"
    with _lock(templates):
        if not base.exists():
            _activate(programs, base)
        if not company.exists():
            _set_up(programs, base, text, company)
    return company


def _activate(programs: Path, result: Path) -> None:
    with scratch(result.parent) as folder:
        (folder / f"{DATABASE}.sqlite").touch()
        activate_modules(programs, folder, write_configuration(folder))
        _keep(folder, result, f"{DATABASE}.sqlite")


def activate_modules(
    programs: Path, folder: Path, configuration: Path, database: str = DATABASE
) -> None:
    """Create the tables of the modules in an empty database."""
    _run(
        folder, programs / "trytond-admin", "-c", configuration, "-d", database, "--email",
        "admin@example.com", "-l", *LANGUAGES, "-u", *MODULES, "--activate-dependencies", "-p",
    )  # fmt: skip


def _set_up(programs: Path, base: Path, plan: str, result: Path) -> None:
    with scratch(result.parent) as folder:
        shutil.copy(base / f"{DATABASE}.sqlite", folder)
        set_up_company(programs, folder, write_configuration(folder), plan)
        _keep(folder, result, f"{DATABASE}.sqlite", "ids.json")


def set_up_company(
    programs: Path,
    folder: Path,
    configuration: Path,
    plan: str,
    uri: str = f"sqlite:///{DATABASE}",
) -> None:
    """Set a company up in a database with modules; its ids are in the folder afterwards."""
    (folder / "plan.json").write_text(plan, encoding="utf-8")
    # Tryton chooses its database as it is imported.
    _run(
        folder, programs / "python", SET_UP, configuration, uri, folder / "plan.json",
        folder / "ids.json", TRYTOND_DATABASE_URI=uri, TRYTOND_CONFIG=str(configuration),
    )  # fmt: skip


def _keep(folder: Path, result: Path, *names: str) -> None:
    """Move files into the folder of a result, which is there with all of them or not at all."""
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=result.parent))
    for name in names:
        shutil.copy(folder / name, draft)
    draft.rename(result)


def find_free_port() -> int:
    """Return a port of this machine that no program listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _require_free(port: int) -> None:
    """
    Raise if a program of this machine listens on a port: its answers would be taken for Tryton's.

    Raises:
        TrytonFailed: The port is in use.
    """
    with socket.socket() as probe:
        # As the server does: the connections of a program that has ended do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            msg = f"Port {port} of this machine cannot be used: {error.strerror}. Name another one."
            raise TrytonFailed(msg) from None


def find_running(folder: Path) -> int | None:
    """
    Return the process of a server that runs in a folder, or ``None``.

    Its number may be that of another program by now, so that the port is asked, too.
    """
    configuration = configparser.ConfigParser(interpolation=None)
    try:
        pid = int((folder / PROCESS).read_text(encoding="utf-8"))
        os.kill(pid, 0)
        configuration.read(folder / CONFIGURATION, encoding="utf-8")
        host, _, port = configuration["web"]["listen"].partition(":")
        socket.create_connection((host, int(port)), timeout=10).close()
    except (OSError, ValueError, KeyError):
        return None
    return pid


class TrytonServer:
    """
    A running trytond with the database of a company; a context manager.

    Its folder has the database, the log, the key of the REST interface and the number of the
    process in files.

    Args:
        company: The folder with the company's ids, and its database unless there is a URI.
        folder: A folder for the copy, which is made if need be.
        uri: The URI of a database that is not a file.
        database: The name of the database.
        port: The port on which it listens; ``None``: a free one.

    Attributes:
        url: Its address.
        key: The key of its REST interface.
        accountant_key: Another key, of a user who may cancel bank statements.
    """

    def __init__(
        self,
        company: Path,
        folder: Path,
        *,
        uri: str | None = None,
        database: str = DATABASE,
        port: int | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if uri is None:
            shutil.copy(company / f"{DATABASE}.sqlite", folder)
        ids = json.loads((company / "ids.json").read_text(encoding="utf-8"))
        self.folder, self.uri, self.database = folder, uri, database
        self.key: str = ids["key"]
        self.accountant_key: str = ids["accountant_key"]
        self.port = port or find_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._programs = require_environment()
        self._configuration = write_configuration(folder, uri, self.port)
        self._process: subprocess.Popen[bytes] | None = None
        self.key_file.touch(0o600)
        self.key_file.write_text(f"{self.key}\n", encoding="utf-8")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def key_file(self) -> Path:
        """The file with the key of its REST interface."""
        return self.folder / "key"

    @property
    def log_file(self) -> Path:
        """The file with its log."""
        return self.folder / "trytond.log"

    @property
    def pid(self) -> int | None:
        """The process of the server, if it runs."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """
        Start the server, and wait until it answers.

        Raises:
            TrytonFailed: Its port is in use, or it does not answer.
        """
        _require_free(self.port)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "trytond", "-c", self._configuration, "-d", self.database],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        (self.folder / PROCESS).write_text(f"{self.pid}\n", encoding="utf-8")
        ends = time.monotonic() + _PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > ends:
                self.kill()
                tail = self.log_file.read_text(encoding="utf-8", errors="replace")[-2000:]
                msg = f"Tryton does not answer at {self.url}. Its log, {self.log_file}:\n{tail}"
                raise TrytonFailed(msg)
            time.sleep(0.05)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with suppress(OSError):
            connection.request("GET", f"/{self.database}/rest/model/party.party")
            return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
        return False

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process of the server."""
        assert self._process is not None, "The server does not run."
        self._process.send_signal(number)

    def kill(self) -> None:
        """End the server at once, as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._forget()

    def stop(self) -> None:
        """End the server."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
            self._forget()

    def _forget(self) -> None:
        self._process = None
        (self.folder / PROCESS).unlink(missing_ok=True)

    def describe(self) -> str:
        """Return where to look at the running server, where its key is, and how to stop it."""
        return (
            f"Tryton runs at {self.url}. Open it with Tryton's desktop client: host"
            f" 127.0.0.1:{self.port}, database {self.database}, user admin, password {PASSWORD}.\n"
            f"The bills are below Financial, Invoices, Supplier Invoices.\n"
            f"The key of the REST interface is in {self.key_file}, and the log in {self.log_file}.\n"
            f"Stop it with: kill {self.pid}"
        )

    def settings(self, plan: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the settings of a connection to this server and the company of a plan."""
        return build_settings(
            plan or read_plan(), base_url=self.url, database=self.database, key=self.key
        )


def write_settings(path: Path, settings: dict[str, Any]) -> None:
    """Write the settings of the connection, without the key, which is in the environment."""
    lines = [f"[connections.{CONNECTION}]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in settings.items() if name != "key"]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def build_settings(plan: dict[str, Any], **server: str) -> dict[str, Any]:
    """Return the settings of a connection to a company, as its plan names the accounts."""
    jobs, cost_codes = plan["analytic"]
    return {
        "database": DATABASE,
        "journal": plan["journal"],
        "expense_account": plan["expense_account"][0],
        "retainage_account": plan["retainage_account"][0],
        "job_root": jobs[0],
        "cost_code_root": cost_codes[0],
        **server,
    }
