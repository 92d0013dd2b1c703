"""Our modules built with AddressSanitizer and UBSan, in stock Dovecot.

They are in /asan if that is wanted: `run --asan`. Dovecot's processes then
begin with the sanitizer's library, and their memory is not limited, as the
shadow memory would count. What is found goes to stderr, which Dovecot logs,
from the chroot too. Leaks are not looked for: Dovecot's processes end without
freeing.
"""

import filecmp
import os
import re
import shutil
from pathlib import Path

from .dovecot_settings import OLD, section
from .process import run

BUILT = Path("/asan")
INSTALLED = Path("/usr/lib/dovecot/modules")
# In 2.4 there is one more, of tables alone, which any command may load.
MODULES = ["login/login_tlspubkey_plugin.so", "auth/libmech_tlspubkey.so",
           "auth/libauthdb_tlspubkey.so"]
OPTIONS = {"ASAN_OPTIONS": "detect_leaks=0:detect_stack_use_after_return=1",
           "UBSAN_OPTIONS": "print_stacktrace=1"}
REPORT = re.compile(r".*(?:AddressSanitizer|runtime error: ).*")


def wanted():
    return BUILT.exists()


def put(built, installed):
    assert b"__asan_report_load" in built.read_bytes()
    if installed.exists() and not filecmp.cmp(built, installed, shallow=False):
        installed.unlink()  # what runs has the old one mapped
        shutil.copyfile(built, installed)


def environment():
    """Of whatever starts a Dovecot; our modules, if installed, are these."""
    if not wanted():
        return os.environ
    for module in MODULES:
        put(BUILT / Path(module).name, INSTALLED / module)
    linked = run("ldd", BUILT / Path(MODULES[0]).name).stdout
    library = re.search(r"libasan\S* => (\S+)", linked)[1]
    return {**os.environ, **OPTIONS, "LD_PRELOAD": library}


def settings():
    """Of each Dovecot."""
    if not wanted():
        return ""
    names = ["LD_PRELOAD", *OPTIONS]
    if OLD:
        return ("default_vsz_limit = 0\n"
                f"import_environment = $import_environment {' '.join(names)}\n")
    return ("default_vsz_limit = unlimited\n" + section(
        "import_environment", {name: f"%{{env:{name}}}" for name in names}))


def check():
    """In the end: was anything found in all the time?"""
    found = [line for path in Path("/var/log").glob("*.log")
             for line in REPORT.findall(path.read_text(errors="replace"))]
    assert not found, "\n".join(found)
