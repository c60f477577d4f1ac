"""Tables as files: a name is only a name."""

import io
import zipfile

from python_calamine import CalamineWorkbook

from faza.protocols.tabular.words import guarded, unguarded
from faza.ui import files

MARKUP = '<r><t>x</t></r></is></c><c r="Z9"><f>1+1</f></c><c r="Z10" t="inlineStr"><is><r></r>'


def test_a_name_that_is_markup_of_a_sheet_stays_a_name():
    answer = files.as_xlsx([["Точка"], [MARKUP]], title="Точки", name="points")
    data = b"".join(answer.streaming_content)
    answer.file_to_stream.close()
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert rows[1][0].strip() == MARKUP


def test_a_guarded_name_is_no_markup_and_comes_back():
    assert guarded(MARKUP) == "'" + MARKUP
    for text in (MARKUP, "'" + MARKUP, "<b>", "<r", "=1", "'", ""):
        assert unguarded(guarded(text)) == text
