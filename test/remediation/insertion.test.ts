import { expect } from 'chai';
import fc from 'fast-check';
import { parseXml, type XmlElement } from '../../src/domxml/tree.js';
import type { NewElement } from '../../src/remediation/change.js';
import { applyEdits } from '../../src/remediation/edit.js';
import { insertAfter, insertLast } from '../../src/remediation/insertion.js';
import { applyChanges, bareTree } from '../support/changeApplier.js';

const n: NewElement = { name: 'n', attributes: [['k', 'v']] };
const nested: NewElement = { name: 'n', attributes: [], children: [n] };

function found(text: string, name: string): XmlElement {
  const search = (element: XmlElement): XmlElement | undefined =>
    element.name === name ? element : element.children.map(search).find((it) => it !== undefined);
  const element = search(parseXml(text, () => true));
  if (!element) throw new Error(`no ${name}`);
  return element;
}

const after = (text: string, elements = [n]) =>
  applyEdits(text, [insertAfter(text, found(text, 'b'), elements)]);
const last = (text: string, elements = [n]) =>
  applyEdits(text, [insertLast(text, found(text, 'b'), elements)]);

describe('an insertion behind an element', () => {
  const cases: Record<string, [before: string, after: string, elements?: NewElement[]]> = {
    'takes the indentation of blanks': ['<a>\n   <b/>\n</a>', "<a>\n   <b/>\n   <n k='v'/>\n</a>"],
    'takes tabs and CRLF': ['<a>\r\n\t<b/>\r\n</a>', "<a>\r\n\t<b/>\r\n\t<n k='v'/>\r\n</a>"],
    'takes no notice of a comment before it': [
      '<a>\n  <!-- c --> <b/>\n</a>',
      "<a>\n  <!-- c --> <b/>\n  <n k='v'/>\n</a>",
    ],
    'stays on a line that is shared': ['<a>\n  <c/><b/><c/>\n</a>', "<a>\n  <c/><b/><n k='v'/><c/>\n</a>"],
    'stays on the only line': ['<a><b/></a>', "<a><b/><n k='v'/></a>"],
    'stands behind the end tag': [
      '<a>\n <b>\n  <c/>\n </b>\n</a>',
      "<a>\n <b>\n  <c/>\n </b>\n <n k='v'/>\n</a>",
    ],
    'leaves a comment at the end of the line': [
      '<a>\n  <b/> <!-- a - b --> <!----> \n</a>',
      "<a>\n  <b/> <!-- a - b --> <!---->\n  <n k='v'/> \n</a>",
    ],
    'does not go behind a comment of more lines': [
      '<a>\n  <b/> <!-- one\n two -->\n</a>',
      "<a>\n  <b/>\n  <n k='v'/> <!-- one\n two -->\n</a>",
    ],
    'does not go behind a comment with something behind it': [
      '<a>\n  <b/> <!-- one --><c/>\n</a>',
      "<a>\n  <b/>\n  <n k='v'/> <!-- one --><c/>\n</a>",
    ],
    'indents children by what the text uses': [
      '<a>\n    <b/>\n</a>',
      "<a>\n    <b/>\n    <n>\n        <n k='v'/>\n    </n>\n</a>",
      [nested],
    ],
    'adds several in their order': [
      '<a>\n  <b/>\n</a>',
      "<a>\n  <b/>\n  <n k='v'/>\n  <n>\n    <n k='v'/>\n  </n>\n</a>",
      [n, nested],
    ],
    'sets children inline where all is': ['<a><b/></a>', "<a><b/><n><n k='v'/></n></a>", [nested]],
    'escapes what an attribute cannot hold': [
      '<a><b/></a>',
      "<a><b/><n k='&#60;&#38;&#34;&#39;&#10;>'/></a>",
      [{ name: 'n', attributes: [['k', '<&"\'\n>']] }],
    ],
  };
  for (const [what, [before, expected, elements]] of Object.entries(cases)) {
    it(what, () => {
      expect(after(before, elements)).to.equal(expected);
    });
  }
});

describe('an insertion at the end of an element', () => {
  const cases: Record<string, [before: string, after: string, elements?: NewElement[]]> = {
    'comes behind the last child, on a line of its own': [
      '<a>\n  <b>\n    <c/>\n  </b>\n</a>',
      "<a>\n  <b>\n    <c/>\n    <n k='v'/>\n  </b>\n</a>",
    ],
    'comes behind a comment': [
      '<a>\n  <b>\n    <c/>\n    <!-- why -->\n  </b>\n</a>',
      "<a>\n  <b>\n    <c/>\n    <!-- why -->\n    <n k='v'/>\n  </b>\n</a>",
    ],
    'comes behind a comment of more lines': [
      '<a>\n  <b>\n    <!-- why\n and how -->\n  </b>\n</a>',
      "<a>\n  <b>\n    <!-- why\n and how -->\n    <n k='v'/>\n  </b>\n</a>",
    ],
    'opens an empty-element tag': ['<a>\n  <b/>\n</a>', "<a>\n  <b>\n    <n k='v'/>\n  </b>\n</a>"],
    'opens one with attributes, blanks and CRLF': [
      '<a>\r\n\t<b x="1>" />\r\n</a>',
      '<a>\r\n\t<b x="1>">\r\n\t\t<n k=\'v\'/>\r\n\t</b>\r\n</a>',
    ],
    'opens one over several lines': [
      "<a>\n  <b\n    x='1'\n  />\n</a>",
      "<a>\n  <b\n    x='1'>\n    <n k='v'/>\n  </b>\n</a>",
    ],
    'opens one on a shared line inline': ['<a>\n  <c/><b/>\n</a>', "<a>\n  <c/><b><n k='v'/></b>\n</a>"],
    'opens the only element inline': ['<b/>', "<b><n k='v'/></b>"],
    'fills an empty element': ['<a>\n  <b></b>\n</a>', "<a>\n  <b><n k='v'/></b>\n</a>"],
    'fills one whose tags stand on lines of their own': [
      '<a>\n  <b>\n  </b>\n</a>',
      "<a>\n  <b>\n    <n k='v'/>\n  </b>\n</a>",
    ],
    'stays on the line of the end tag': [
      '<a>\n  <b>\n    <c/></b>\n</a>',
      "<a>\n  <b>\n    <c/><n k='v'/></b>\n</a>",
    ],
    'is done for the root as well': ['<b>\n  <c/>\n</b>\n', "<b>\n  <c/>\n  <n k='v'/>\n</b>\n"],
    'keeps the prefix of an element that is opened': [
      "<a xmlns:p='urn:x'>\n <p:c/>\n <b/>\n</a>",
      "<a xmlns:p='urn:x'>\n <p:c/>\n <b>\n  <n k='v'/>\n </b>\n</a>",
    ],
    'takes an end tag with a blank in it': [
      '<a>\n  <b>\n    <c/>\n  </b >\n</a>',
      "<a>\n  <b>\n    <c/>\n    <n k='v'/>\n  </b >\n</a>",
    ],
    'is not misled by what looks like an end tag': [
      '<a>\n  <b>\n    <c><![CDATA[</b>]]></c>\n    <!-- </b> -->\n  </b>\n</a>',
      "<a>\n  <b>\n    <c><![CDATA[</b>]]></c>\n    <!-- </b> -->\n    <n k='v'/>\n  </b>\n</a>",
    ],
    'leaves blank lines behind it': [
      '<a>\n  <b>\n    <c/>\n\n  </b>\n</a>',
      "<a>\n  <b>\n    <c/>\n    <n k='v'/>\n\n  </b>\n</a>",
    ],
    'indents children by what the text uses': [
      '<a>\n\t<b>\n\t\t<c/>\n\t</b>\n</a>',
      "<a>\n\t<b>\n\t\t<c/>\n\t\t<n>\n\t\t\t<n k='v'/>\n\t\t</n>\n\t</b>\n</a>",
      [nested],
    ],
  };
  for (const [what, [before, expected, elements]] of Object.entries(cases)) {
    it(what, () => {
      expect(last(before, elements)).to.equal(expected);
    });
  }

  it('finds the indentation of children that the reader left out', () => {
    const text = '<a>\n <b>\n     <left-out/>\n </b>\n</a>';
    const [b] = parseXml(text, (_, name) => name !== 'left-out').children;
    if (!b) throw new Error('no b');
    expect(applyEdits(text, [insertLast(text, b, [n])])).to.equal(
      "<a>\n <b>\n     <left-out/>\n     <n k='v'/>\n </b>\n</a>",
    );
  });
});

describe('an insertion into any layout', () => {
  const space = fc.constantFrom('', ' ', '\n', '\n  ', '\r\n\t', '\n\n', ' <!-- c --> ', '\n<!-- c\n -->');
  const leaf = fc.constantFrom('<c/>', '<c></c>', '<c x="&lt;![CDATA[" />', '<c>\n</c\n>');
  const content = fc
    .array(fc.tuple(space, leaf), { maxLength: 3 })
    .chain((parts) => space.map((end) => parts.flat().join('') + end));
  const target = fc.oneof(
    fc.constantFrom('<b/>', '<b />', "<b\n x='/>'\n/>", '<b></b>'),
    content.map((inside) => `<b>${inside}</b>`),
  );
  const documents = fc
    .tuple(content, target, content)
    .map(([left, b, right]) => `<a>${left}${b}${right}</a>`);

  it('adds what was asked for at that place and changes nothing else', () => {
    fc.assert(
      fc.property(documents, fc.boolean(), (text, atEnd) => {
        const b = found(text, 'b');
        const edit = atEnd ? insertLast(text, b, [nested, n]) : insertAfter(text, b, [nested, n]);
        const result = applyEdits(text, [edit]);
        const a = { name: 'a', namespace: null, position: 1, isOnlyOne: true };
        const step = { name: 'b', namespace: null, position: 1, isOnlyOne: true };
        const expected = applyChanges(bareTree(text), [
          atEnd
            ? { kind: 'add-elements', path: [a, step], after: null, elements: [nested, n] }
            : { kind: 'add-elements', path: [a], after: step, elements: [nested, n] },
        ]);
        expect(bareTree(result)).to.deep.equal(expected);
        // Of the old text at most the slash of an empty-element tag, and the blanks before it, are gone.
        expect(text.slice(edit.start, edit.end)).to.match(/^(\s*\/>)?$/);
      }),
      { numRuns: 2000 },
    );
  });
});
