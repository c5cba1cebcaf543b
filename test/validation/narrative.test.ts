import fc from 'fast-check'
import t from 'tap'
import { checkNarrative, isXhtml } from '../../src/validation/narrative.ts'

const xmlns = 'http://www.w3.org/1999/xhtml'
const div = (inner: string): string => `<div xmlns="${xmlns}">${inner}</div>`

t.test('accepts what narratives are made of', async (t) => {
  const good = [
    div('text'),
    ` \n${div('<p>a</p>')}\n`,
    div('<p class="x" style="color: red; width: 10%">a &amp; b &#160; &#x20AC; &lt;</p>'),
    div('<table border="1"><tbody><tr><td colspan="2">1</td></tr></tbody></table>'),
    div('<a href="#x">x</a><a name="x"/><a href="https://example.org/?a=1&amp;b=2">y</a>'),
    div('<img src="#pic" alt="a picture"/>'),
    div('<img src="data:image/png;base64,AAAA"/>'),
    div('<!-- a comment --> text'),
    div('<br/><hr /><ul><li>1</li></ul>'),
    div('<span style="background: url(tbl.png)">a</span>'),
    `<div xmlns='${xmlns}' xml:lang="en">text</div >`,
  ]
  for (const text of good) t.same(checkNarrative(text), [], text)
})

const rulesOf = (text: string): readonly string[] => [
  ...new Set(checkNarrative(text).map(({ rule }) => rule)),
]

t.test('refuses what runs, loads or asks', async (t) => {
  const hostile = [
    '<script>alert(1)</script>',
    '<p onclick="alert(1)">a</p>',
    '<p ONCLICK="alert(1)">a</p>',
    '<img src="x" onerror="alert(1)"/>',
    '<a href="javascript:alert(1)">a</a>',
    '<a href="JaVaScRiPt:alert(1)">a</a>',
    '<a href=" java&#x0a;script:alert(1)">a</a>',
    '<a href="&#106;avascript:alert(1)">a</a>',
    '<a href="vbscript:x">a</a>',
    '<a href="data:text/html,x">a</a>',
    '<img src="data:text/html;base64,AAAA"/>',
    '<img src="blob:x"/>',
    '<form action="x">a</form>',
    '<input type="text"/>',
    '<button>a</button>',
    '<iframe src="x"/>',
    '<object data="x">a</object>',
    '<embed src="x"/>',
    '<base href="x"/>',
    '<link rel="stylesheet" href="x"/>',
    '<meta content="x"/>',
    '<style>p {}</style>',
    '<svg><a/></svg>',
    '<math>x</math>',
    '<svg:svg>x</svg:svg>',
    '<p xmlns="http://www.w3.org/2000/svg">a</p>',
    '<p style="background: url(javascript:alert(1))">a</p>',
    '<p style="width: expression(alert(1))">a</p>',
    '<p style="wid/**/th: 1">a</p>',
    '<p style="\\75rl(x)">a</p>',
    '<p style="behavior: x">a</p>',
    '<p style="-moz-binding: x">a</p>',
    '<a target="_blank">a</a>',
    '<DIV>a</DIV>',
  ]
  for (const inner of hostile) t.same(rulesOf(div(`text ${inner}`)), ['txt-1'], inner)
})

t.test('refuses what is not well-formed', async (t) => {
  const broken = [
    '',
    'text',
    '<p>text</p>',
    '<div>no namespace</div>',
    '<div xmlns="http://example.org">text</div>',
    `<div xmlns="${xmlns}">text`,
    `${div('text')}<div/>`,
    `<!DOCTYPE div [<!ENTITY x "y">]>${div('&x;')}`,
    `<?xml version="1.0"?>${div('text')}`,
    div('<p>a'),
    div('<b><i>a</b></i>'),
    div('a & b'),
    div('&nbsp;'),
    div('&#0;'),
    div('&#xD800;'),
    div('&#x110000;'),
    div('a < b'),
    div('<p class=a>a</p>'),
    div('<p class>a</p>'),
    div('<p class="a" class="b">a</p>'),
    div('<p class="a<b">a</p>'),
    div('<![CDATA[a]]>'),
    div('a ]]> b'),
    div('<!-- a -- b -->'),
    div('<?php x ?>'),
    div('a\u0000b'),
    div('</p>'),
    div(`${'<b>'.repeat(300)}a${'</b>'.repeat(300)}`),
  ]
  for (const text of broken) t.same(rulesOf(text), ['txt-1'], text.slice(0, 80))
})

t.test('refuses what shows nothing', async (t) => {
  for (const inner of ['', ' \n\t', '<p> </p>', '<!-- text -->', '<br/>'])
    t.same(rulesOf(div(inner)), ['txt-2'], inner)
})

t.test('tells several faults and where they are', async (t) => {
  const text = div('<font>a</font><p onclick="x">b</p>')
  const faults = checkNarrative(text)
  t.equal(faults.length, 2)
  t.ok(faults.every(({ at }) => at > 0 && at < text.length))
  t.ok(checkNarrative(div('<x>a</x>'.repeat(1_000))).length <= 20)
})

t.test('never throws, whatever the text', async () => {
  const pieces = [
    '<div',
    ` xmlns="${xmlns}"`,
    '>',
    '</div>',
    '<p',
    ' a="',
    '"',
    '&',
    ';',
    '<!--',
    '-->',
    '<',
    '/',
    'x',
    ' ',
    "'",
  ]
  const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join(''))
  fc.assert(fc.property(fc.oneof(soup, fc.string()), (text) => typeof isXhtml(text) === 'boolean'))
  fc.assert(fc.property(soup, (text) => typeof isXhtml(div(text)) === 'boolean'))
})
