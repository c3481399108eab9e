"""Applies XML patch operations as RFC 5261 describes them, with libxml2's XPath; reads and writes JSON.

Standard input is a list of {"document", "patch", "wanted"}. Standard output is a list of {"document", "wrong"}: what the
patch makes of the document, and null where that is the wanted one. Documents are compared as canonical XML, without white
space that stands between elements.
"""

import copy
import json
import re
import sys

from lxml import etree

NCNAME = r"[A-Za-z_][\w.-]*"
STEP = rf"(?:{NCNAME}:)?{NCNAME}(?:\[\d+\])?"
# The part of section 4.1's selectors that an implementation of this test has to know.
SELECTOR = re.compile(rf"/?{STEP}(?:/{STEP})*(?:/@{NCNAME})?")
WHITE_SPACE = re.compile(r"[ \t\r\n]+")


def apply(document, patch):
    tree = etree.ElementTree(document)
    for operation in patch:
        if isinstance(operation.tag, str):
            OPERATIONS[operation.tag](operation, locate(tree, operation))
    return tree.getroot()


def locate(tree, operation):
    """Section 4.1: a selector that does not find exactly one node is an error."""
    selector = operation.get("sel")
    if not SELECTOR.fullmatch(selector):
        raise ValueError(f"not a selector: {selector}")
    if None in operation.nsmap:
        raise ValueError("names without a prefix would be in the default namespace (section 4.2.2)")
    found = tree.xpath("/" + selector.lstrip("/"), namespaces=operation.nsmap)
    if len(found) != 1:
        raise ValueError(f"{selector} selects {len(found)} nodes")
    return found[0]


def add(operation, target):
    kind, position = operation.get("type"), operation.get("pos")
    if kind is not None:
        name = re.fullmatch(rf"@({NCNAME})", kind).group(1)
        if name in target.attrib:
            raise ValueError(f"the attribute {name} is there already")
        target.set(name, operation.text or "")
        return
    nodes = [copy.deepcopy(node) for node in operation]
    if position == "after":
        last = target.tail or ""
        target.tail = operation.text
        parent = target.getparent()
        index = parent.index(target) + 1
    elif position is None:
        last = ""
        parent = target
        index = len(parent)
        append_text(parent, operation.text)
    else:
        raise ValueError(f"not expected here: pos={position}")
    for offset, node in enumerate(nodes):
        parent.insert(index + offset, node)
    if nodes:
        nodes[-1].tail = (nodes[-1].tail or "") + last
    else:
        target.tail = (target.tail or "") + last


def append_text(parent, text):
    if len(parent) > 0:
        parent[-1].tail = (parent[-1].tail or "") + (text or "")
    else:
        parent.text = (parent.text or "") + (text or "")


def replace(operation, target):
    if not getattr(target, "is_attribute", False):
        raise ValueError("only attributes are replaced here")
    target.getparent().set(target.attrname, operation.text or "")


def remove(operation, target):
    if getattr(target, "is_attribute", False):
        del target.getparent().attrib[target.attrname]
        return
    directive = operation.get("ws")
    parent, previous = target.getparent(), target.getprevious()
    before = (parent.text if previous is None else previous.tail) or ""
    after = target.tail or ""
    if directive in ("before", "both"):
        before = without(before, directive)
    if directive in ("after", "both"):
        after = without(after, directive)
    target.tail = None
    parent.remove(target)
    if previous is None:
        parent.text = before + after
    else:
        previous.tail = before + after


def without(text, directive):
    """Section 4.5: the sibling has to be a text node of nothing but white space."""
    if not WHITE_SPACE.fullmatch(text):
        raise ValueError(f"ws={directive}, and there is no such white space")
    return ""


OPERATIONS = {"add": add, "replace": replace, "remove": remove}


def canonical(root):
    for node in root.iter():
        if node.tail and WHITE_SPACE.fullmatch(node.tail):
            node.tail = None
        if isinstance(node.tag, str) and node.text and WHITE_SPACE.fullmatch(node.text):
            node.text = None
    return etree.tostring(root, method="c14n", exclusive=True, with_comments=True).decode()


def parse(text):
    return etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, huge_tree=False))


def patched(case):
    try:
        root = parse(case["patch"])
        if root.tag != "diff":
            return {"wrong": f"the root is {root.tag}"}
        document = apply(parse(case["document"]), root)
        text = etree.tostring(document, encoding="unicode", with_tail=False)
        got, wanted = canonical(document), canonical(parse(case["wanted"]))
        return {"document": text, "wrong": None if got == wanted else f"got\n{got}\nwanted\n{wanted}"}
    except Exception as error:  # What is wrong with one case is that case's answer.
        return {"wrong": f"{type(error).__name__}: {error}"}


json.dump([patched(case) for case in json.load(sys.stdin)], sys.stdout)
