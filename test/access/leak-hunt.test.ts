/**
 * Whatever somebody asks who sees a part, the answer is that of a server which has nothing else. Every request is made
 * twice: where everything is stored, and where only that is stored which may be seen.
 */
import fc from 'fast-check'
import t from 'tap'
import type { Access, Reach, Restriction } from '../../src/access/access.ts'
import type { Ctx } from '../../src/access/ctx.ts'
import type { Permission } from '../../src/access/scope.ts'
import { Problem } from '../../src/base/problem.ts'
import type { Request } from '../../src/rest/index.ts'
import { ctxAt, openRest, update } from '../support/rest.ts'

type Res = { readonly resourceType: string; readonly id: string } & Record<string, unknown>
type Rule = 'none' | 'all' | 'own' | 'coded' | 'named'

const patients = ['p1', 'p2', 'p3']
const types = ['Patient', 'Observation', 'Encounter', 'Organization', 'List', 'Practitioner'] as const
type Type = (typeof types)[number]
const ids = ['a1', 'a2', 'a3', 'a4']
const idsOf = (type: Type): readonly string[] => (type === 'Patient' ? patients : ids)

const link = (...of: readonly Type[]) =>
  fc
    .constantFrom(...of)
    .chain((type) => fc.constantFrom(...idsOf(type)).map((id) => ({ reference: `${type}/${id}` })))
const maybe = <T>(name: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((v): object => (v === undefined ? {} : { [name]: v }))
const code = fc.constantFrom('x', 'y').map((value) => ({ coding: [{ system: 'urn:s', code: value }] }))

const parts: Record<Type, readonly fc.Arbitrary<object>[]> = {
  Patient: [
    maybe('gender', fc.constantFrom('male', 'female')),
    maybe('managingOrganization', link('Organization')),
    maybe(
      'generalPractitioner',
      link('Practitioner').map((one) => [one]),
    ),
  ],
  Observation: [
    fc.constant({ status: 'final' }),
    code.map((one) => ({ code: one })),
    maybe('subject', link('Patient')),
    maybe('encounter', link('Encounter')),
    maybe(
      'hasMember',
      link('Observation').map((one) => [one]),
    ),
    fc.constantFrom(
      {},
      {
        contained: [{ resourceType: 'Practitioner', id: 'c', name: [{ family: 'Inside' }] }],
        performer: [{ reference: '#c' }],
      },
    ),
    maybe('effectiveDateTime', fc.constantFrom('2024-01-01', '2024-02-01')),
  ],
  Encounter: [
    fc.constantFrom('planned', 'finished').map((status) => ({ status })),
    fc.constant({ class: { code: 'AMB' } }),
    maybe('subject', link('Patient')),
    maybe('serviceProvider', link('Organization')),
    maybe('partOf', link('Encounter')),
  ],
  Organization: [maybe('partOf', link('Organization'))],
  List: [
    fc.constant({ status: 'current', mode: 'working' }),
    maybe('subject', link('Patient')),
    maybe(
      'entry',
      link('Observation', 'Patient').map((item) => [{ item }]),
    ),
  ],
  Practitioner: [],
}

/** All of them have a word that no other has, and names that sort. */
const resource = (type: Type, id: string): fc.Arbitrary<Res> =>
  fc.tuple(...parts[type]).map(
    (all) =>
      Object.assign(
        {
          resourceType: type,
          id,
          identifier: [{ system: 'urn:i', value: `secret-${type}-${id}` }],
          ...(type === 'Organization' ? { name: `name ${id}` } : {}),
        },
        ...all,
      ) as Res,
  )

const world = fc
  .tuple(
    ...types.flatMap((type) =>
      idsOf(type).map((id) => fc.option(resource(type, id), { nil: undefined, freq: 6 })),
    ),
  )
  .map((all) => all.filter((one) => one !== undefined))

const rule = fc.constantFrom<Rule>('none', 'all', 'own', 'own', 'own', 'coded', 'named')
const policy = fc.record({
  rules: fc.tuple(...types.map(() => rule)),
  writes: fc.tuple(...types.map(() => fc.boolean())),
  /** Types that are found and not read, or read and not found. */
  only: fc.tuple(...types.map(() => fc.constantFrom('rs', 'rs', 'rs', 'r', 's'))),
})
type Policy = typeof policy extends fc.Arbitrary<infer P> ? P : never

const me = 'p1'

const restrictions: Record<'own' | 'coded' | 'named', (type: Type) => readonly Restriction[]> = {
  own: () => [{ kind: 'compartment', type: 'Patient', ids: [me] }],
  coded: (type) => [
    {
      kind: 'search',
      query: [
        type === 'Observation'
          ? ['code', 'urn:s|x']
          : type === 'Patient'
            ? ['gender', 'male']
            : type === 'Encounter'
              ? ['status', 'planned']
              : ['identifier', `urn:i|secret-${type}-a1`],
      ],
    },
  ],
  named: () => [{ kind: 'ids', ids: ['p2', 'a2', 'a3'] }],
}

const accessOf = ({ rules, writes, only }: Policy, key: string): Access => {
  const reach = (type: string, permission: Permission): Reach => {
    const at = types.indexOf(type as Type)
    const found = rules[at] ?? 'none'
    if ('cud'.includes(permission) && !writes[at]) return 'none'
    if ('rs'.includes(permission) && !only[at]?.includes(permission)) return 'none'
    if (found === 'none' || found === 'all') return found
    return { groups: [restrictions[found](type as Type)] }
  }
  return {
    key,
    reach,
    masked: () => [],
    refusal: (type, permission) => `No ${permission} of ${type}.`,
  }
}

/** By the content alone, and not by the means of the server. */
const isSeen = ({ rules }: Policy, one: Res): boolean => {
  const found = rules[types.indexOf(one.resourceType as Type)]
  if (found === 'none' || found === 'all') return found === 'all'
  if (found === 'named') return ['p2', 'a2', 'a3'].includes(one.id)
  const text = JSON.stringify(one)
  if (found === 'coded')
    return one.resourceType === 'Observation'
      ? text.includes('"code":"x"')
      : one.resourceType === 'Patient'
        ? one.gender === 'male'
        : one.resourceType === 'Encounter'
          ? one.status === 'planned'
          : one.id === 'a1'
  if (one.resourceType === 'Patient') return one.id === me
  if (['Organization', 'Practitioner'].includes(one.resourceType)) return false
  const { subject } = one as { subject?: { reference: string } }
  // The compartment takes a List by its subject or its source only.
  return subject?.reference === `Patient/${me}`
}

const anyType = fc.constantFrom(...types)
const anyKey = anyType.chain((type) => fc.constantFrom(...idsOf(type)).map((id) => ({ type, id })))

const queries: Record<Type, readonly string[]> = {
  Patient: [
    'gender=male',
    'organization:Organization.name=name',
    '_has:Observation:patient:code=urn:s|x',
    '_has:Observation:subject:_has:List:item:_id=a1',
    'identifier=urn:i|secret-Patient-p2',
    '_revinclude=Observation:subject',
    '_revinclude=*',
    '_include=*&_include:iterate=Organization:partof',
    'general-practitioner.identifier=urn:i|secret-Practitioner-a1',
    'general-practitioner:missing=true',
    '_sort=gender,_id',
    '_list=a1',
    'organization:Organization._id=a1',
  ],
  Observation: [
    'subject=Patient/p2',
    'subject:Patient.gender=male',
    'code=urn:s|x&_sort=-date',
    'date=2024-01-01',
    'encounter:Encounter.service-provider:Organization.name=name',
    'encounter.status:not=planned',
    '_include=Observation:subject&_include=Observation:encounter&_include:iterate=Encounter:subject',
    '_revinclude:iterate=Observation:has-member',
    '_revinclude=List:item',
    'has-member.code=urn:s|y',
    '_has:Observation:has-member:code=urn:s|x',
    '_filter=code eq urn:s|x and subject.gender eq male',
    '_list=a1,a2',
    'patient.organization.partof.name=name',
    'code:not=urn:s|x',
    '_sort=subject&_total=estimate',
    'performer:Practitioner.family=inside',
    'performer:Practitioner.family=inside&subject.gender=male',
  ],
  Encounter: [
    'subject=p1',
    'part-of:below=Encounter/a1',
    'part-of:above=Encounter/a2',
    'part-of.subject.gender=male',
    '_revinclude=Observation:encounter&_revinclude:iterate=Observation:has-member',
    'status:not=planned',
  ],
  Organization: [
    'partof:below=Organization/a1',
    'partof:above=Organization/a4',
    '_has:Patient:organization:gender=female',
    'name:contains=a',
    '_revinclude:iterate=Organization:partof',
  ],
  List: ['item:Observation.code=urn:s|x', 'subject.gender=male', '_include=List:item', 'item=Observation/a1'],
  Practitioner: [
    '_has:Patient:general-practitioner:gender=male',
    '_revinclude=Patient:general-practitioner',
    'family=inside&_contained=true',
    'family=inside&_contained=both',
    'family=inside&_contained=true&_containedType=contained',
  ],
}

const results = [
  '',
  '&_summary=count',
  '&_count=1',
  '&_count=2&_total=accurate',
  '&_sort=-_lastUpdated',
  '&_sort=_id',
]
const pairs = (text: string): [string, string][] =>
  text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)])

/** `byServer`: done with all rights, to what is there in both. */
type Made = { readonly request: Request; readonly byServer: boolean }
const asked = (request: Request, byServer = false): Made => ({ request, byServer })

const searches = anyType.chain((type) =>
  fc
    .tuple(fc.constantFrom('', ...queries[type]), fc.constantFrom(...results))
    .map(([query, shape]) => asked({ interaction: 'search-type', type, query: pairs(query + shape) })),
)
const acrossTypes = fc
  .tuple(
    fc.constantFrom('', '_type=Patient,Observation', '_id=a1', '_lastUpdated=gt2000', '_type=Organization'),
    fc.constantFrom(...results),
    fc.option(fc.constantFrom(...patients)),
  )
  .map(([query, shape, id]) =>
    asked({
      interaction: 'search-system',
      query: pairs(query + shape),
      ...(id ? { compartment: { type: 'Patient', id } } : {}),
    }),
  )
const inCompartment = fc
  .tuple(fc.constantFrom(...patients), fc.constantFrom('Observation', 'Encounter', 'List'))
  .map(([id, type]) =>
    asked({ interaction: 'search-type', type, query: [], compartment: { type: 'Patient', id } }),
  )
const looks = anyKey.chain(({ type, id }) =>
  fc.constantFrom<Request>(
    { interaction: 'read', type, id, query: [] },
    { interaction: 'read', type, id, query: [], ifNoneMatch: 'W/"1"' },
    { interaction: 'read', type, id, query: [], ifMatch: 'W/"7"' },
    { interaction: 'vread', type, id, versionId: '1', query: [] },
    { interaction: 'vread', type, id, versionId: '2', query: [] },
    { interaction: 'history-instance', type, id, query: [] },
    { interaction: 'history-type', type, query: [] },
    { interaction: 'history-type', type, query: [['_count', '1']] },
    { interaction: 'history-system', query: [['_count', '3']] },
    { interaction: 'operation', operation: 'validate', type, id, posted: false, query: [] },
  ),
)
const json = (value: object) => ({ text: JSON.stringify(value) })
const writes = anyKey.chain(({ type, id }) =>
  resource(type, id).chain((content) => {
    const { id: _, ...fresh } = content
    const condition = fc.constantFrom(
      `identifier=urn:i|secret-${type}-${id}`,
      `_id=${id}`,
      ...queries[type].filter((one) => !/^_(include|revinclude|sort|list)/.test(one) && !one.includes('&')),
    )
    return condition.chain((query) =>
      fc.constantFrom<Request>(
        { interaction: 'create', type, query: [], body: json(fresh) },
        { interaction: 'create', type, query: [], body: json(fresh), ifNoneExist: query },
        { interaction: 'update', type, id, query: [], body: json(content) },
        { interaction: 'update', type, id, query: [], body: json(content), ifMatch: 'W/"1"' },
        { interaction: 'update', type, id, query: [], body: json(content), ifNoneMatch: '*' },
        { interaction: 'update', type, query: pairs(query), body: json(fresh) },
        { interaction: 'delete', type, id, query: [] },
        { interaction: 'delete', type, id, query: [], ifMatch: 'W/"1"' },
        { interaction: 'delete', type, query: pairs(query) },
        {
          interaction: 'patch',
          type,
          id,
          query: [],
          body: { text: '[{"op":"add","path":"/language","value":"en"}]', patch: 'json-patch' },
        },
        {
          interaction: 'patch',
          type,
          query: pairs(query),
          body: { text: '[{"op":"test","path":"/id","value":"a1"}]', patch: 'json-patch' },
        },
      ),
    )
  }),
)
const bundled = fc
  .tuple(
    fc.constantFrom('batch', 'transaction'),
    fc.array(anyKey, { minLength: 1, maxLength: 3 }),
    fc.boolean(),
  )
  .map(([type, keys, isDelete]) => {
    const entry = keys.map((key, n) => ({
      request: { method: isDelete && n === 0 ? 'DELETE' : 'GET', url: `${key.type}/${key.id}` },
    }))
    const linking = {
      resource: {
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'x' },
        subject: { reference: `Patient?identifier=urn:i|secret-Patient-${keys[0]?.id}` },
      },
      request: { method: 'POST', url: 'Observation' },
    }
    const all = keys[0]?.type === 'Patient' ? [linking, ...entry] : entry
    return asked({
      interaction: type as 'batch' | 'transaction',
      query: [],
      body: json({ resourceType: 'Bundle', type, entry: all }),
    })
  })

const deletions = anyKey.map(({ type, id }) => asked({ interaction: 'delete', type, id, query: [] }, true))

const request = fc.oneof(
  { weight: 1, arbitrary: deletions },
  { weight: 6, arbitrary: searches },
  { weight: 2, arbitrary: acrossTypes },
  { weight: 1, arbitrary: inCompartment },
  { weight: 4, arbitrary: looks.map((one) => asked(one)) },
  { weight: 5, arbitrary: writes.map((one) => asked(one)) },
  { weight: 2, arbitrary: bundled },
)

const generated = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g
/** Made by chance, and by the database for its own ends. */
const normal = (value: unknown): string =>
  JSON.stringify(value)
    .replace(generated, '[id]')
    .replace(/(_history[^"]*_cursor=)[A-Za-z0-9_-]+/g, '$1[cursor]')
    .replace(/(_cursor=)[A-Za-z0-9_-]+/g, '$1[cursor]')

const start = Date.parse('2024-06-01T00:00:00Z')

t.setTimeout(900_000)
t.test('nothing that is out of sight changes an answer', async (t) => {
  t.setTimeout(900_000)
  const seeding = await openRest(t, { references: 'off' })
  const { rest } = await openRest(t, { on: seeding.database })
  let tenants = 10
  await fc.assert(
    fc.asyncProperty(
      world,
      policy,
      fc.array(request, { minLength: 12, maxLength: 12 }),
      async (all, rules, asks) => {
        const [full, part] = [tenants++, tenants++]
        const access = accessOf(rules, `hunt ${full}`)
        let at = start
        for (const one of all) {
          at += 1000
          const put = update(one.resourceType, one.id, one)
          await seeding.rest.perform(ctxAt(at, full), put)
          if (isSeen(rules, one)) await seeding.rest.perform(ctxAt(at, part), put)
        }
        const hidden = all.filter((one) => !isSeen(rules, one))
        let sent = ''
        for (const { request, byServer } of asks) {
          at += 1000
          const answer = async (tenant: number): Promise<string> => {
            const plain = ctxAt(at, tenant)
            const ctx: Ctx = byServer ? plain : { ...plain, access }
            try {
              const { body, ...head } = await rest.perform(ctx, request)
              return normal({ ...head, body: body?.join('') })
            } catch (error) {
              if (!(error instanceof Problem)) throw error
              return normal({ status: error.status, issues: error.issues })
            }
          }
          const [a, b] = [await answer(full), await answer(part)]
          if (byServer) continue
          if (a !== b)
            throw new Error(
              `${JSON.stringify({ rules, request, world: all.map((one) => JSON.stringify(one)) }, null, 1)}\nall:  ${a}\npart: ${b}`,
            )
          // Whoever said a word before knows it.
          sent += JSON.stringify(request)
          for (const { resourceType, id } of hidden) {
            const secret = `secret-${resourceType}-${id}`
            if (a.includes(secret) && !sent.includes(secret)) throw new Error(`${secret} in ${a}\n${sent}`)
          }
        }
      },
    ),
    {
      numRuns: Number(process.env.LEAK_RUNS ?? 60),
      ...(process.env.LEAK_SEED ? { seed: Number(process.env.LEAK_SEED) } : {}),
    },
  )
})
