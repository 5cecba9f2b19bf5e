"""pages.py PAGES SEED COUNT - do all texts of users come back out of the pages that show them?

PAGES is build/tests/pages.  COUNT random texts, and all that are known to do harm, go in; libxml2's
reader of HTML must give each of them back from each place of the page, and find no element,
attribute or address but those of pages.  What a text is shown as is said here a second time,
by the page's promise and not by its code.
"""
import codecs
import random
import subprocess
import sys
import urllib.parse

import lxml.etree
import lxml.html

ELEMENTS = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "name", "content"}, "title": set(),
    "style": set(), "body": set(), "header": set(), "nav": {"aria-label"}, "ul": set(),
    "li": set(), "a": {"class", "href", "aria-current"}, "main": set(), "h1": set(),
    "table": set(), "tbody": set(), "tr": set(), "th": {"scope"}, "td": set(), "bdi": {"dir"},
    "input": {"type", "name", "value"}, "span": {"class"}, "footer": set(), "p": set(),
    "form": {"method", "action"}, "button": {"class", "name", "value"}, "code": set(),
}

HOSTILE = """
<script>alert(1)</script>
</bdi><script>alert(1)</script>
"><img src=x onerror=alert(1)>
' onmouseover='alert(1)
" onfocus="alert(1)" autofocus="
</title><script>alert(1)</script>
</style><script>alert(1)</script>
</textarea><svg/onload=alert(1)>
<!--
--><b>
<![CDATA[x]]>
<?xml version="1.0"?>
<!DOCTYPE html [<!ENTITY x "y">]>
&lt;b&gt;
&amp;amp;
&#60;b&#62;
&#x3c;b&#x3e;
&notanentity
&
&;
&#
&#0;
<
>
<<<<
</
</table>
</td></tr></table><table><tr><td>
<tr><td>extra
<base href=//evil.example>
<meta http-equiv=refresh content="0;url=//evil.example">
<a href=javascript:alert(1)>x</a>
javascript:alert(1)
//evil.example/
https://evil.example/?a=b&c=d#e
?g=other&m=1
%3Cscript%3E
%00
%
+ +
a=b&c=d;e
#fragment
../../etc/passwd
`${alert(1)}`
{{7*7}}
=HYPERLINK("http://evil.example/")
O'Neill & "Sons"
كان كل شيء جيدًا
投票
""".split("\n")

CODE_POINTS = [*range(1, 0x180), *range(0x2000, 0x2070), *range(0x2400, 0x2426), 0x34f, 0x61c,
               0x115f, 0x1160, 0x180e, 0x3000, 0x3164, 0xfdd0, 0xfeff, 0xfff9, 0xfffc, 0xfffd,
               0x1f468, 0xe0001, 0xe0100, 0x10fffd]

# No UTF-8; a byte each is shown as U+FFFD.
BROKEN = [b"\xff", b"a\xc3", b"\xc3<", b"\xe2\x82<b>", b"\xed\xa0\x80", b"\xc0\xbc", b"\xf5\x80\x80\x80",
          b"\xf0\x82\x82\xac", b"\x80\x80", b"\xc3\"onload=x", b"\xf0\x9f\x91"]

codecs.register_error("each", lambda error: ("\ufffd", error.start + 1))


SHOWN = {point: 0x2400 + point for point in range(0x20) if chr(point) not in "\t\n"}
SHOWN[0x7f] = 0x2421
for first, last in ((0x80, 0x9f), (0x202a, 0x202e), (0x2066, 0x2069)):
    SHOWN.update(dict.fromkeys(range(first, last + 1), 0xfffd))


def shown(text):
    """What a page shows in place of the text."""
    return text.translate(SHOWN)


def random_text(rng):
    kind = rng.random()
    length = int(rng.random() ** 3 * 32)
    if kind < 0.5:
        return "".join(rng.choices("<>&\"'/=;#xX3cab \t\n-!?%{}`", k=length))
    if kind < 0.8:
        return "".join(map(chr, rng.choices(CODE_POINTS, k=length)))
    return "".join(chr(point) for point in (1 + int(rng.random() * 0x10ffff) for _ in range(length))
                   if not 0xd800 <= point <= 0xdfff and point & 0xfffe != 0xfffe)


def pages_of(program, texts, rows):
    """The pages, as bytes, that the program makes of the texts."""
    given = b"".join(b"%d\n%s" % (len(text), text) for text in texts)
    made = subprocess.run([program, str(rows)], input=given, stdout=subprocess.PIPE, check=True).stdout
    pages, at = [], 0
    while at < len(made):
        end = made.index(b"\n", at)
        length = int(made[at:end])
        pages.append(made[end + 1:end + 1 + length])
        at = end + 1 + length
    return pages


def parsed(page):
    """The page's tree, after a look at each element of it."""
    tree = lxml.html.document_fromstring(page, parser=lxml.html.HTMLParser(encoding="utf-8", huge_tree=True))
    for element in tree.iter():
        assert isinstance(element.tag, str), "a comment: %r" % element.text
        assert element.tag in ELEMENTS, "an element: %s" % element.tag
        for name, value in element.items():
            assert name in ELEMENTS[element.tag], "an attribute of %s: %s" % (element.tag, name)
            assert name not in ("href", "action") or value[0] == "?", "an address: %s" % value
    assert tree.find("head/style").text.startswith(":root{") and len(tree.findall(".//style")) == 1
    return tree


def same(place, text, got, expected):
    assert got == expected, "%s of %r: %r" % (place, text, got)


def row_check(row, raw):
    """Every place of the row has the text."""
    text = raw.decode("utf-8", "each")
    seen = shown(text)
    key, sentence, link, hidden, revealed = row
    assert [cell.tag for cell in row] == ["th", "td", "td", "td", "td"]
    assert [len(cell) for cell in row] == [1] * 5, "more in a cell of %r" % text
    same("key", text, key[0].text or "", seen)
    same("sentence", text, (sentence.text, sentence[0].text or "", sentence[0].tail),
         ("Who chose ", seen, None))
    same("link", text, link[0].text or "", seen)
    assert len(link[0]) == 0 and len(key[0]) == 0
    query = link[0].get("href")
    same("address", text, (query[:3], urllib.parse.unquote_to_bytes(query[3:])), ("?g=", raw[:256] or b"-"))
    same("attribute", text, hidden[0].get("value"), text)
    assert all(child.tag == "span" and len(child) == 0 for child in revealed[0])


def page_check(page, texts):
    tree = parsed(page)
    same("title", texts[0], tree.findtext("head/title") or "", shown(texts[0].decode("utf-8", "each")))
    rows = tree.findall("body/main/table/tbody/tr")
    assert len(rows) == len(texts), "%d rows" % len(rows)
    for row, text in zip(rows, texts):
        row_check(row, text)


def error_check(page, expected):
    tree = parsed(page)
    found = [bdi.text or "" for bdi in tree.iter("bdi")]
    assert expected in found, "%r: %r" % (expected, found)


def cut(text):
    if text == "":
        return ""
    return shown(text[:60] + ("\u2026" if len(text) > 60 else ""))


def main():
    program, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(seed)
    texts = [random_text(rng).encode() for _ in range(count)]
    rows = 1000
    for i, page in enumerate(pages_of(program, texts, rows)):
        page_check(page, texts[i * rows:(i + 1) * rows])
    hostile = [text.encode() for text in HOSTILE] + [chr(point).encode() for point in CODE_POINTS] + \
        [b"a%cb" % byte for byte in range(1, 256)] + BROKEN + [b"x" * 70000, "投".encode() * 200]
    pages = pages_of(program, hostile, 1)
    assert len(pages) == 3 * len(hostile)
    for i, raw in enumerate(hostile):
        text = raw.decode("utf-8", "each")
        page_check(pages[3 * i], [raw])
        if text != "":
            error_check(pages[3 * i + 1], cut(text))
            error_check(pages[3 * i + 2], shown(raw[:256].decode("utf-8", "each")))
    print("%d texts, and %d hostile ones, came back" % (count, len(hostile)))


if __name__ == "__main__":
    main()
