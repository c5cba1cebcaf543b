/** $validate: http://hl7.org/fhir/R4/resource-operation-validate.html */
import type { Ctx } from '../../access/ctx.ts'
import { hasErrors, type Issue, issue } from '../../base/issue.ts'
import { invalid, unprocessable, unsupported } from '../../base/problem.ts'
import type { JsonText } from '../../fhir/json/read.ts'
import { typeName } from '../../fhir/resource-types.ts'
import { hashToken } from '../../search/index.ts'
import { keyText, type ResourceKey } from '../../store/index.ts'
import { missingBase } from '../../validation/index.ts'
import { outcomeText } from '../bundle-text.ts'
import type { House } from '../house.ts'
import { presentVersion } from '../interactions/read.ts'
import { located } from '../located.ts'
import { defineOperation, type OperationCall } from '../operation.ts'
import { isStored, missingIssues, parseBody } from '../prepare.ts'
import { localReference, referencesIn } from '../references.ts'
import type { Reply } from '../reply.ts'
import { type Judge, type Judgement, judgeAll } from '../validity.ts'

const modes = ['create', 'update', 'delete', 'profile'] as const
type Mode = (typeof modes)[number]

export const validate = defineOperation({
  code: 'validate',
  url: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
  on: ['type', 'instance'],
  types: ['Resource'],
  affectsState: false,
  input: { resource: { type: 'Resource' }, mode: { type: 'code' }, profile: { type: 'uri' } },
  run: async (house, ctx, call) => reply(whereIn(call, await findings(house, ctx, call))),
})

/** 200 whether or not the resource is valid: only what could not be judged is refused. */
const reply = (issues: readonly Issue[]): Reply => ({
  status: 200,
  resourceType: 'OperationOutcome',
  body: [
    outcomeText(
      issues.length > 0 ? issues : [{ ...issue('informational', 'No issues.'), severity: 'information' }],
    ),
  ],
})

/** Lines and columns of what was sent; what is stored has none. */
const whereIn = ({ body, inputs, type }: OperationCall, issues: readonly Issue[]): readonly Issue[] => {
  const within = inputs.find(({ name }) => name === 'resource')?.within
  return body && within ? located(issues, { body, type: type!, within }) : issues
}

const modeOf = (call: OperationCall): Mode | undefined => {
  const mode = call.one<string>('mode')
  if (mode !== undefined && !modes.includes(mode as Mode))
    throw invalid(`The mode is one of ${modes.join(', ')}.`, 'http.mode')
  if ((mode === 'update' || mode === 'delete') && call.id === undefined)
    throw invalid(
      `The mode ${mode} is about a resource that is there; call ${call.type}/[id]/$validate.`,
      'http.mode',
    )
  if (mode === 'profile' && call.one('profile') === undefined)
    throw invalid('The mode profile needs the profile: send the parameter profile too.', 'http.profile')
  return mode as Mode | undefined
}

const findings = async (house: House, ctx: Ctx, call: OperationCall): Promise<readonly Issue[]> => {
  const mode = modeOf(call)
  if (mode === 'delete') return ofDeletion(house, ctx, { type: call.type!, id: call.id! })
  const json = await contentOf(house, ctx, call, mode)
  const type = call.type!
  const found = json.value.resourceType
  if (found !== type)
    return [
      issue(
        'invalid',
        `The resourceType is ${JSON.stringify(found)}, but the URL says ${type}.`,
        'resourceType',
      ),
    ]
  const judge = house.validity?.(ctx)
  if (!judge) throw unsupported('This server does not validate.')
  const profile = profileOf(house, ctx, call)
  const [judgement] = await judgeAll(thorough(judge), [
    { type, json, profiles: profile === undefined ? [] : [profile] },
  ])
  return [
    ...repeated(house, json),
    ...judgement!.issues,
    ...(await ofReferences(house, ctx, type, json)),
    ...(await ofTargets(house, ctx, judge, judgement!)),
    ...ofMode(mode, call, json),
  ]
}

const profileOf = ({ canonicals }: House, { tenant }: Ctx, call: OperationCall): string | undefined => {
  const profile = call.one<string>('profile')
  const missing = profile === undefined ? undefined : missingBase(canonicals(tenant), profile)
  if (missing === undefined) return profile
  const why =
    missing === profile ? `The profile ${profile}` : `The profile ${profile} is based on ${missing}, which`
  throw unprocessable(`${why} is not loaded; load its package, or post it.`, 'http.profile')
}

/** Whoever asks wants to know, also where writes are not judged. */
const thorough = (judge: Judge): Judge => ({
  ...judge,
  settings: {
    ...judge.settings,
    mode: judge.settings.mode === 'off' ? 'standard' : judge.settings.mode,
    conclusive: true,
  },
})

/** The content that is given, or what is stored. */
const contentOf = async (
  house: House,
  ctx: Ctx,
  call: OperationCall,
  mode: Mode | undefined,
): Promise<JsonText> => {
  const given = call.resource('resource')
  if (given) return given
  const { type, id } = call
  if (type === undefined || id === undefined || mode === 'update')
    throw invalid(
      'There is nothing to validate; send the resource, as the body or as the parameter resource.',
      'http.resource',
    )
  const key = { type, id }
  return parseBody(house, presentVersion(await house.store.current(ctx.tenant, key), type, id).content)
}

const repeated = (house: House, { value, members, text }: JsonText): readonly Issue[] =>
  house.structure.count(value) < 0 ? [] : house.structure.check(value, members, text)

/** References that point at nothing on this server. */
const ofReferences = async (
  house: House,
  ctx: Ctx,
  type: string,
  json: JsonText,
): Promise<readonly Issue[]> => {
  if (house.store.references === 'off') return []
  const keys = new Map<string, ResourceKey>()
  for (const reference of referencesIn(json.text)) {
    const key = localReference(reference, ctx.base)
    if (key && isStored(house, key)) keys.set(keyText(key), key)
  }
  if (keys.size === 0) return []
  const own = keyText({ type, id: String(json.value.id) })
  const others = [...keys.values()].filter((key) => keyText(key) !== own)
  const missing = await house.store.transact((tx) => tx.missingReferences(ctx.tenant, others))
  return missingIssues(house, ctx, { json }, missing)
}

/** Targets of references that are judged at most. */
const mostTargets = 100

/** A reference that must lead to a profile leads to a resource that meets one of them. */
const ofTargets = async (
  house: House,
  ctx: Ctx,
  judge: Judge,
  { references }: Judgement,
): Promise<readonly Issue[]> => {
  const found = await Promise.all(
    references.slice(0, mostTargets).map(async ({ reference, profiles, expression }) => {
      const key = localReference(reference, ctx.base)
      const current = key && profiles.length > 0 ? await house.store.current(ctx.tenant, key) : undefined
      if (!key || !current?.content) return []
      const json = parseBody(house, current.content)
      const judged = await judgeAll(
        judge,
        profiles.map((profile) => ({ type: key.type, json, profiles: [profile] })),
      )
      if (judged.some(({ issues }) => !hasErrors(issues))) return []
      return [
        issue(
          'value',
          `${keyText(key)} meets none of the profiles that are possible here: ${profiles.join(', ')}.`,
          expression,
        ),
      ]
    }),
  )
  return found.flat()
}

const ofMode = (
  mode: Mode | undefined,
  { id, type }: OperationCall,
  { value }: JsonText,
): readonly Issue[] => {
  if (mode !== 'update' || value.id === id) return []
  return [issue('invalid', `The id of an update is the one in the URL, ${id}.`, `${type}.id`)]
}

/** Whether anything that stays refers to it. */
const ofDeletion = async (house: House, ctx: Ctx, key: ResourceKey): Promise<readonly Issue[]> => {
  presentVersion(await house.store.current(ctx.tenant, key), key.type, key.id)
  if (house.store.references !== 'enforced') return []
  const tokens = house.referrerTokens(key).map((token) => hashToken(ctx.tenant, token))
  const found = await house.store.transact((tx) => tx.referrers(ctx.tenant, tokens))
  const others = found.filter(({ type, id }) => !(typeName(type) === key.type && id === key.id))
  return others.map(({ type, id }) =>
    issue('conflict', `${typeName(type)}/${id} refers to ${keyText(key)}; change or delete it first.`),
  )
}
