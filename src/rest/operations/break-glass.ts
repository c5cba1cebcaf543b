/** Patient/[id]/$break-glass: opens the record of a patient for a limited time, with a reason, for all to see. */
import type { Communication, Consent } from 'fhir/r4.js'
import { unrestricted } from '../../access/access.ts'
import type { Ctx } from '../../access/ctx.ts'
import { instant } from '../../base/instant.ts'
import { forbidden, invalid } from '../../base/problem.ts'
import type { House } from '../house.ts'
import { presentVersion } from '../interactions/read.ts'
import { defineOperation, type OperationCall, resourceReply } from '../operation.ts'
import type { Reply } from '../reply.ts'
import { commitEntries } from '../transaction/commit.ts'
import { aloneResource, type Entry } from '../transaction/entry.ts'
import { alone } from '../transaction/place.ts'

export const breakGlass = defineOperation({
  code: 'break-glass',
  url: 'https://lamplight.dev/fhir/OperationDefinition/break-glass',
  on: ['instance'],
  types: ['Patient'],
  affectsState: true,
  open: true,
  input: { reason: { type: 'string', min: 1 }, minutes: { type: 'positiveInt' } },
  run: (house, ctx, call) => open(house, ctx, call),
})

const minute = 60_000

const open = async (house: House, ctx: Ctx, call: OperationCall): Promise<Reply> => {
  const { whole, callers } = house
  const most = ctx.access.breakGlassMinutes
  const { fhirUser } = ctx.who
  if (!whole || most === undefined)
    throw forbidden('No policy of yours lets you break the glass: it is for those who treat patients.')
  if (fhirUser === undefined)
    throw forbidden(
      'Your account is linked to no Practitioner, and breaking the glass is for a person: ask for the link.',
    )
  const reason = call.one<string>('reason')?.trim() ?? ''
  if (reason.length < 8)
    throw invalid('The reason says in words why the record must be opened.', 'http.reason')
  const minutes = call.one<number>('minutes') ?? most
  if (minutes > most)
    throw invalid(`Your policy opens a record for ${most} minutes at most; ask for fewer.`, 'http.minutes')
  const id = call.id ?? ''
  presentVersion(await whole.store.current(ctx.tenant, { type: 'Patient', id }), 'Patient', id)
  const until = ctx.at + minutes * minute
  const [consent, alert] = await commitEntries(
    whole,
    forServer(ctx),
    [consentOf(ctx, id, fhirUser, reason, until), alertOf(ctx, id, fhirUser, reason, until)].map(
      (one, index) => entryOf(whole, one, index),
    ),
    alone,
  )
  callers?.forget(ctx.who)
  await house.recording?.record(ctx, {
    kind: 'break-glass',
    code: 'started',
    action: 'E',
    outcome: 0,
    said: reason,
    patients: [`Patient/${id}`],
    data: [consent!, alert!].flatMap(({ location }) => location ?? []),
  })
  return resourceReply({
    resourceType: 'Parameters',
    parameter: [
      { name: 'until', valueInstant: instant(until) },
      { name: 'consent', valueReference: { reference: placeOf(consent!) } },
      { name: 'alert', valueReference: { reference: placeOf(alert!) } },
    ],
  })
}

const placeOf = ({ location = '' }: Reply): string => location.replace(/\/_history\/.*$/, '')

/** The caller stays the one who does it; what is written is not the caller's to choose. */
const forServer = ({ tenant, at, who, trace, signal, log, base }: Ctx): Ctx => ({
  ...{ tenant, at, who, trace, signal, log, base },
  access: unrestricted,
})

const entryOf = (house: House, resource: Consent | Communication, index: number): Entry => {
  const text = JSON.stringify(resource)
  const request = {
    interaction: 'create',
    type: resource.resourceType,
    query: [],
    return: 'minimal',
  } as const
  return { index, request, resource: aloneResource(house, text) }
}

const codes = 'http://terminology.hl7.org/CodeSystem'

/** A consent in the patient's place, which ends by itself: access follows it as any other. */
const consentOf = (ctx: Ctx, id: string, who: string, reason: string, until: number): Consent => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: `${codes}/consentscope`, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: `${codes}/v3-ActCode`, code: 'EMRGONLY' }] }],
  patient: { reference: `Patient/${id}` },
  dateTime: instant(ctx.at),
  policyRule: { text: `The glass was broken: ${reason}` },
  provision: {
    type: 'permit',
    period: { start: instant(ctx.at), end: instant(until) },
    actor: [
      {
        role: { coding: [{ system: `${codes}/v3-ParticipationType`, code: 'IRCP' }] },
        reference: { reference: who },
      },
    ],
    purpose: [{ system: `${codes}/v3-ActReason`, code: 'BTG' }],
  },
})

const alertOf = (ctx: Ctx, id: string, who: string, reason: string, until: number): Communication => ({
  resourceType: 'Communication',
  status: 'completed',
  category: [{ coding: [{ system: `${codes}/communication-category`, code: 'alert' }] }],
  priority: 'urgent',
  subject: { reference: `Patient/${id}` },
  sent: instant(ctx.at),
  sender: { reference: who },
  payload: [
    {
      contentString: `${ctx.who.display} opened this record until ${instant(until)} without being assigned to the patient. Reason: ${reason}`,
    },
  ],
})
