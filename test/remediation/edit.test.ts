import { expect } from 'chai';
import { parseXml } from '../../src/domxml/tree.js';
import { applyEdits, removeAttribute, removeElement, setAttribute } from '../../src/remediation/edit.js';
import { insertAfter } from '../../src/remediation/insertion.js';
import { unifiedDiff } from '../../src/remediation/unifiedDiff.js';

function first(text: string) {
  const root = parseXml(text, () => true);
  const [element] = root.children;
  if (!element) throw new Error('no element');
  return element;
}

describe('an edit of XML text', () => {
  it('replaces a value between its own quotes', () => {
    const text = `<a><b x = "1"\ty='2'/></a>`;
    expect(applyEdits(text, [setAttribute(text, first(text), 'x', '3')])).to.equal(
      `<a><b x = "3"\ty='2'/></a>`,
    );
  });

  it('is not misled by an attribute whose name or value holds the other one', () => {
    const text = `<a><b xx='x="1"' x='2'/></a>`;
    expect(applyEdits(text, [setAttribute(text, first(text), 'x', '3')])).to.equal(
      `<a><b xx='x="1"' x='3'/></a>`,
    );
  });

  it('adds an attribute in the quotes that the element uses', () => {
    const text = '<a><b y="2"/></a>';
    expect(applyEdits(text, [setAttribute(text, first(text), 'x', '3')])).to.equal('<a><b x="3" y="2"/></a>');
  });

  it('takes an attribute away with the white space before it', () => {
    const text = "<a><b\n  x='1'\n  y='2'></b></a>";
    expect(applyEdits(text, removeAttribute(text, first(text), 'x'))).to.equal("<a><b\n  y='2'></b></a>");
    expect(removeAttribute(text, first(text), 'z')).to.deep.equal([]);
  });

  it('adds an attribute where the next one is taken away', () => {
    const text = "<a><b x='1'/></a>";
    const edits = [...removeAttribute(text, first(text), 'x'), setAttribute(text, first(text), 'y', '2')];
    expect(applyEdits(text, edits)).to.equal("<a><b y='2'/></a>");
    expect(applyEdits(text, edits.toReversed())).to.equal("<a><b y='2'/></a>");
  });

  it('is not made where two overlap', () => {
    const edits = [
      { start: 0, end: 2, text: '' },
      { start: 1, end: 3, text: '' },
    ];
    expect(() => applyEdits('abc', edits)).to.throw(RangeError, 'overlap at offset 1');
  });

  it('takes an element away with its line, and only itself where it shares one', () => {
    const alone = '<a>\r\n  <b/>\r\n  <c/>\r\n</a>';
    expect(applyEdits(alone, [removeElement(alone, first(alone))])).to.equal('<a>\r\n  <c/>\r\n</a>');
    const shared = '<a>\n  <b/><c/>\n</a>';
    expect(applyEdits(shared, [removeElement(shared, first(shared))])).to.equal('<a>\n  <c/>\n</a>');
    const last = '<a><b/>';
    expect(() => parseXml(last, () => true)).to.throw('unclosed');
  });

  const c = { name: 'c', attributes: [] };

  it('adds an element on a line of its own, with the same indentation and line ending', () => {
    const text = '<a>\r\n\t<b/>\r\n</a>';
    expect(applyEdits(text, [insertAfter(text, first(text), [c])])).to.equal(
      '<a>\r\n\t<b/>\r\n\t<c/>\r\n</a>',
    );
    const inline = '<a><b/></a>';
    expect(applyEdits(inline, [insertAfter(inline, first(inline), [c])])).to.equal('<a><b/><c/></a>');
  });
});

describe('a unified diff', () => {
  it('names a path with a blank, a quote or other letters as git does', () => {
    const headers = (path: string) => unifiedDiff(path, 'x\n', 'y\n').split('\n').slice(0, 2);
    expect(headers('my guest.xml')).to.deep.equal(['--- a/my guest.xml\t', '+++ b/my guest.xml\t']);
    expect(headers('a"b\nc.xml')[0]).to.equal('--- "a/a\\"b\\012c.xml"');
    expect(headers('ü.xml')[0]).to.equal('--- "a/\\303\\274.xml"');
  });

  it('tells that a last line has no newline', () => {
    expect(unifiedDiff('f', 'x', 'y')).to.equal(
      '--- a/f\n+++ b/f\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n',
    );
  });
});
