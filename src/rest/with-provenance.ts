/** A write with the header `X-Provenance`: http://hl7.org/fhir/R4/provenance.html#header */
import type { Ctx } from '../access/ctx.ts'
import { invalid, unsupported } from '../base/problem.ts'
import { recordReply } from './audited.ts'
import { checkPermitted } from './guard/permitted.ts'
import type { House } from './house.ts'
import { entryOf } from './perform-one.ts'
import { checkTarget } from './pipeline.ts'
import { parseBody } from './prepare.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'
import { commitEntries } from './transaction/commit.ts'
import { alone } from './transaction/place.ts'
import { isWriting } from './transaction/settle.ts'

/** Stands for what is written, whose id may not be known yet. */
const placeholder = 'urn:uuid:00000000-0000-4000-8000-000000000000'

const header = 'http.X-Provenance'

/** Throws 400 for what has no resource that the Provenance could be about, or several. */
const checkWrites = (request: Request): void => {
  if (isWriting({ index: 0, request }) && request.interaction !== 'delete') return
  throw unsupported(
    'X-Provenance goes with a create, an update or a patch of one resource. In a transaction, send the Provenance as an entry.',
    header,
  )
}

/** The Provenance as it is stored: about what is written, so the client must not say what it is about. */
const provenanceText = (house: House, text: string): string => {
  const { value } = parseBody(house, text)
  if (value.resourceType !== 'Provenance')
    throw invalid('X-Provenance must hold a Provenance resource in JSON.', header)
  if (value.target !== undefined)
    throw invalid(
      'Leave target out of X-Provenance: the server says that it is the resource written.',
      header,
    )
  const start = text.slice(0, text.lastIndexOf('}')).trimEnd()
  return `${start},"target":[{"reference":"${placeholder}"}]}`
}

/** Writes the resource and the Provenance about it, both or neither. The reply is that of the resource. */
export const performWithProvenance = async (
  house: House,
  ctx: Ctx,
  request: Request & { readonly provenance: string },
): Promise<Reply> => {
  checkWrites(request)
  checkTarget(request)
  checkPermitted(house, ctx, request)
  const text = provenanceText(house, request.provenance)
  const about: Request = { interaction: 'create', type: 'Provenance', query: [], body: { text } }
  const entries = [
    { ...entryOf(house, request), fullUrl: placeholder },
    { ...entryOf(house, about), index: 1 },
  ]
  const [reply, told] = await commitEntries(house, ctx, entries, alone)
  await recordReply(house, ctx, about, told!)
  return reply!
}
