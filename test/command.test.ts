import { spawnSync } from 'node:child_process'
import t from 'tap'

const run = (file: string, args: readonly string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, [`src/${file}.ts`, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', ...env },
  })

const commands = ['audit-command', 'backup', 'keys', 'load-terminology', 'restore', 'tenant', 'token']

t.test('a command that is not understood ends with a sentence', async (t) => {
  for (const file of commands) {
    const { status, stdout, stderr } = run(file, ['--nonsense'])
    t.equal(status, 1, file)
    t.match(stderr, /^Unknown option '--nonsense'/, file)
    t.notMatch(stderr, /\n {4}at /, `${file}: no stack`)
    t.equal(stdout, '', file)
  }
})

t.test('so does one that meets a wrong configuration', async (t) => {
  const { status, stderr } = run('migrate', [], { PORT: 'x' })
  t.equal(status, 1)
  t.equal(stderr, 'PORT is a whole number.\n')
})
