"""Messages of the interface, by Babel alone: no GNU gettext is needed.

    python tools/messages.py extract   # gather from code and templates into faza/locale
    python tools/messages.py compile   # .po -> .mo, which git does not keep
    python tools/messages.py check     # exit 1 if a message has no good Russian translation
    python tools/messages.py fill FILE # gather, put in Russian words from a JSON object, compile

The object of `fill` is {"message": "Russian", "one %(n)s": ["один", "два", "пять"]}; where there is
a context it stands before the message, parted by "|". One process at a time: others wait.

Message ids are English. Extracting twice changes nothing; translations that nothing uses any more
stay at the end of the file as obsolete ones. The files hold no line numbers and no dates, so that
they change only where a message does.
"""

from __future__ import annotations

import fcntl
import json
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent / "faza"
LOCALES = {"ru": "Russian", "en": "English"}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def po_file(language: str) -> Path:
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


def gathered() -> Catalog:
    """Every message that code and templates use now."""
    found = Catalog(charset="utf-8")
    for source in sorted(PACKAGE.rglob("*")):
        if source.suffix == ".py":
            code = source.read_bytes()
        elif source.suffix in {".html", ".txt"} and "templates" in source.parts:
            code = _as_python(source)
        else:
            continue
        for message, context in _messages(code, source):
            formatted = {"python-format"} if PLACEHOLDER.search(str(message)) else ()
            found.add(message, context=context, flags=formatted)
    return found


def _as_python(template: Path) -> bytes:
    """A template as the calls of gettext in it, without its indentation, which means nothing."""
    python = templatize(template.read_text(encoding="utf-8"), origin=str(template))
    return "\n".join(line.strip() for line in python.splitlines()).encode()


def _messages(code: bytes, source: Path) -> Iterator[tuple[str | tuple[str, str], str | None]]:
    """(message or (singular, plural), context) of every call whose texts are literal."""
    try:
        calls = list(extract_python(BytesIO(code), list(KEYWORDS), [], {"encoding": "utf-8"}))
    except (SyntaxError, IndentationError) as problem:
        raise SystemExit(f"{source}: {problem}") from problem
    for _line, name, arguments, _comments in calls:
        given = arguments if isinstance(arguments, tuple) else (arguments,)
        context = None
        if "pgettext" in name:
            context, *rest = given
            given = tuple(rest)
        texts = given[:2] if name.startswith("n") else given[:1]
        if texts and all(isinstance(text, str) and text for text in texts):
            yield (texts[0] if len(texts) == 1 else (texts[0], texts[1])), context


def stored(language: str) -> Catalog:
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def write(language: str, catalog: Catalog) -> None:
    """Write a catalogue sorted by message, under a header without dates."""
    body = BytesIO()
    write_po(body, catalog, no_location=True, omit_header=True, sort_output=True, width=100)
    header = (
        f"# {LOCALES[language]} messages of Faza; kept by tools/messages.py.\n"
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    path = po_file(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + body.getvalue().decode().strip() + "\n", encoding="utf-8")


def extract() -> int:
    now = gathered()
    for language in LOCALES:
        catalog = stored(language)
        before = {_key(message): message.string for message in catalog if message.id}
        unused = {_key(message): message for message in catalog.obsolete.values()}
        catalog.update(now, no_fuzzy_matching=True)
        for message in catalog:
            # A message that came back into use takes its old translation with it.
            old = unused.get(_key(message))
            if old is not None and not _translated(message):
                message.string = old.string
        write(language, catalog)
        fresh = sum(1 for message in catalog if message.id and _key(message) not in before)
        print(f"{language}: {len(catalog)} messages, {fresh} new, {len(catalog.obsolete)} unused")
    return 0


def compile_all() -> int:
    for language in LOCALES:
        with po_file(language).with_suffix(".mo").open("wb") as out:
            write_mo(out, stored(language))
    return 0


def check() -> int:
    catalog = stored("ru")
    have = {_key(message): message for message in catalog if message.id}
    wrong: list[str] = []
    for message in gathered():
        if not message.id:
            continue
        kept = have.get(_key(message))
        if kept is None:
            wrong.append(f"not gathered (run extract): {message.id!r}")
        elif kept.fuzzy:
            wrong.append(f"fuzzy: {message.id!r}")
        elif not _translated(kept):
            wrong.append(f"no Russian: {message.id!r}")
        elif _placeholders(kept.id) != _placeholders(kept.string):
            wrong.append(f"placeholders differ: {message.id!r}")
    print("\n".join(sorted(wrong)) or "Every message has its Russian translation.")
    return 1 if wrong else 0


def fill(file: str) -> int:
    """Gather, put in the Russian words of a file, compile; messages that are not there are told."""
    words: dict[str, str | list[str]] = json.loads(Path(file).read_text(encoding="utf-8"))
    lock = PACKAGE.parent / ".make" / "messages.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        extract()
        catalog = stored("ru")
        for message in catalog:
            text, context = _key(message)
            told = words.pop(f"{context}|{text}" if context else text, None)
            if told is not None:
                _put(message, told)
        write("ru", catalog)
        compile_all()
    print("\n".join(f"nothing says {text!r}" for text in words))
    return 1 if words else 0


def _put(message: Message, told: str | list[str]) -> None:
    """Say it otherwise, aloud: another place may have meant something else by the same words."""
    if _translated(message) and list(message.string) != list(told):
        print(f"{_key(message)[0]!r} was {message.string!r}, is now {told!r}: used elsewhere too?")
    message.string = told


def _key(message: Message) -> tuple[str, str | None]:
    return (message.id[0] if isinstance(message.id, (list, tuple)) else message.id, message.context)


def _translated(message: Message) -> bool:
    told = message.string
    return bool(told) and (isinstance(told, str) or all(told))


def _placeholders(texts: str | list[str] | tuple[str, ...]) -> set[str]:
    several = [texts] if isinstance(texts, str) else texts
    return {name for text in several for name in PLACEHOLDER.findall(text)}


if __name__ == "__main__":
    settings.configure(USE_I18N=True)
    deeds = {"extract": extract, "compile": compile_all, "check": check}
    if len(sys.argv) == 3 and sys.argv[1] == "fill":
        raise SystemExit(fill(sys.argv[2]))
    if len(sys.argv) != 2 or sys.argv[1] not in deeds:
        raise SystemExit(__doc__)
    raise SystemExit(deeds[sys.argv[1]]())
