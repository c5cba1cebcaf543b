import t, { type Test } from 'tap'
import type { Role } from '../../../src/access/principal.ts'
import { parseScopes } from '../../../src/access/scope.ts'
import type { Rest } from '../../../src/rest/index.ts'
import { ctxAt, openRest, refusal, resourceOf } from '../../support/rest.ts'

const call = (rest: Rest, operation: string, parameter: readonly object[], ctx = ctxAt(Date.now())) =>
  rest.perform(ctx, {
    interaction: 'operation',
    operation,
    query: [],
    ...(operation === 'tenants'
      ? {}
      : { posted: true, body: { text: JSON.stringify({ resourceType: 'Parameters', parameter }) } }),
  } as Parameters<Rest['perform']>[1])

const name = (value: string) => ({ name: 'name', valueString: value })
const host = (value: string) => ({ name: 'host', valueString: value })
const limit = (role: string, most: number) => ({
  name: 'staffLimit',
  part: [
    { name: 'role', valueCode: role },
    { name: 'limit', valueUnsignedInt: most },
  ],
})

const named = (parts: { name: string }[], wanted: string) => parts.filter((one) => one.name === wanted)

const open = async (t: Test): Promise<Rest> => (await openRest(t)).rest

t.test('a hospital is founded, listed, changed and closed', async (t) => {
  const rest = await open(t)
  const made = await call(rest, 'tenant-create', [name('north'), host('North.example'), limit('doctor', 2)])
  t.equal(made.status, 201)
  const parts = resourceOf(made).parameter
  t.match(parts, [{ valueInteger: 2 }, { valueString: 'north' }, { valueString: 'north' }])
  t.match(named(parts, 'host'), [{ valueString: 'north.example' }])
  t.match(named(parts, 'staffLimit'), [{ part: [{ valueCode: 'doctor' }, { valueUnsignedInt: 2 }] }])
  const changed = resourceOf(
    await call(rest, 'tenant-change', [
      name('north'),
      { name: 'active', valueBoolean: false },
      limit('nurse', 3),
    ]),
  ).parameter
  t.match(named(changed, 'active'), [{ valueBoolean: false }])
  t.equal(named(changed, 'staffLimit').length, 2, 'limits that were not mentioned stay')
  t.match(named(changed, 'host'), [{ valueString: 'north.example' }])
  const listed = resourceOf(await call(rest, 'tenants', [])).parameter
  t.equal(listed.length, 2)
  t.match(listed[1].part, changed)
})

t.test('names and hosts are one hospital’s', async (t) => {
  const rest = await open(t)
  await call(rest, 'tenant-create', [name('north'), host('north.example')])
  const again = (...parts: object[]) => refusal(call(rest, 'tenant-create', parts))
  t.match(await again(name('north')), { status: 409 })
  t.match(await again(name('south'), host('north.example')), { status: 409 })
  await call(rest, 'tenant-create', [name('south')])
  const stolen = call(rest, 'tenant-change', [name('south'), host('north.example')])
  t.match(await refusal(stolen), { status: 409 })
  await call(rest, 'tenant-change', [name('north'), host('north.example'), host('n.example')])
})

t.test('what cannot be is refused', async (t) => {
  const rest = await open(t)
  for (const bad of ['North', '-n', 'n--s', 'a/b', 'x'.repeat(64), 'n.s'])
    t.match(await refusal(call(rest, 'tenant-create', [name(bad)])), { status: 422 }, bad)
  for (const bad of [host('https://n.example'), host('n.example:80'), limit('boss', 1)])
    t.match(await refusal(call(rest, 'tenant-create', [name('north'), bad])), { status: 422 })
  t.match(await refusal(call(rest, 'tenant-change', [name('nobody')])), { status: 404 })
  const close = [name('default'), { name: 'active', valueBoolean: false }]
  t.match(await refusal(call(rest, 'tenant-change', close)), { status: 422 })
})

t.test('only a super administrator of the default tenant administers', async (t) => {
  const rest = await open(t)
  const as = (role: Role, scopes: string, tenant = 1) => {
    const who = { kind: 'person', id: 'a', display: 'A', roles: [role], scopes: parseScopes(scopes) } as const
    return { ...ctxAt(Date.now(), tenant), who }
  }
  t.equal((await call(rest, 'tenants', [], as('super-administrator', 'user/*.cruds'))).status, 200)
  const refused = [
    as('hospital-administrator', 'user/*.cruds'),
    as('super-administrator', 'patient/*.cruds'),
    as('super-administrator', 'user/*.rs'),
    as('super-administrator', 'user/*.cruds', 2),
    ctxAt(Date.now(), 2),
  ]
  for (const ctx of refused)
    for (const operation of ['tenants', 'tenant-create', 'tenant-change'])
      t.match(await refusal(call(rest, operation, [name('north')], ctx)), { status: 403 }, operation)
})
