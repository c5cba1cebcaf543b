import t from 'tap'
import { html, render } from '../../src/base/html.ts'

t.test('what is put in is escaped, in text and in attributes', async (t) => {
  const evil = `"><script>alert('1')</script>&`
  t.equal(
    render(html`<p title="${evil}">${evil}</p>`),
    '<p title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;</p>',
  )
})

t.test('HTML, lists, numbers and nothing', async (t) => {
  t.equal(
    render(html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}</ul>${undefined}${false}`),
    '<ul><li>1</li><li>2</li></ul>',
  )
})
