/** The stylesheet of the pages: text first, contrast above 4.5 to 1, both colour schemes. */
export const style = `:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #6b7280; --deed: #0b5c8a; --bad: #a11212 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --paper: #16191d; --line: #9aa3ad; --deed: #7cc4ee; --bad: #ff9c9c } }
* { box-sizing: border-box }
body { margin: 0; font: 1.05rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
header, main { max-width: 42rem; margin: 0 auto; padding: 1rem }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: baseline }
header form, td form { display: inline }
.brand { font-weight: 700 }
h1 { font-size: 1.6rem; margin: .5rem 0 1rem } h2 { font-size: 1.2rem; margin-top: 2rem }
a { color: var(--deed) }
.skip { position: absolute; left: -99rem } .skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .5rem }
.demo { margin: 0; padding: .5rem 1rem; text-align: center; background: #ffd54d; color: #1b1f24 }
label, legend { display: block; font-weight: 600; margin-top: 1rem }
.check { font-weight: 400; margin-top: .25rem }
input:not([type=checkbox]):not([type=hidden]), textarea, select { width: 100%; padding: .5rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .25rem }
fieldset { border: 0; margin: 0; padding: 0 }
button { margin-top: 1rem; padding: .5rem 1.25rem; font: inherit; color: var(--paper); background: var(--deed); border: 0; border-radius: .25rem; cursor: pointer }
:focus-visible { outline: 3px solid var(--deed); outline-offset: 2px }
.hint { margin: .25rem 0; color: var(--ink) }
.wrong { color: var(--bad); font-weight: 600 }
[aria-invalid] { border-color: var(--bad) !important }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .4rem .5rem; border-bottom: 1px solid var(--line) }
code { overflow-wrap: anywhere }
code, .codes { font-family: ui-monospace, monospace } .codes { columns: 2; font-size: 1.15rem }
.qr svg { width: 14rem; height: 14rem; background: #fff }
`
