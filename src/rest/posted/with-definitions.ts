/** Performs work by the definitions that hold for the caller's tenant, again when they change on the way. */
import type { Ctx } from '../../access/ctx.ts'
import { faultOf } from '../../base/fault.ts'
import { definitionTypes } from '../../fhir/definitions/posted.ts'
import { StaleDefinitions } from '../../store/index.ts'
import { guarded } from '../guard/guarded.ts'
import type { House } from '../house.ts'
import type { Request } from '../request.ts'
import type { PostedState } from './model.ts'

const types: ReadonlySet<string> = new Set(definitionTypes)
const writing: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete'])

const changesDefinitions = ({ interaction, type }: Request): boolean =>
  type !== undefined && types.has(type) && writing.has(interaction)

/** Definitions that change more often while a request runs are somebody's bulk load: it has to wait. */
const attempts = 20

/** A house that does without something must not get what another one has. */
const houses = new WeakMap<PostedState, WeakMap<House, House>>()

const houseOf = (house: House, state: PostedState): House => {
  const ofState = houses.get(state) ?? new WeakMap<House, House>()
  const known = ofState.get(house)
  if (known) return known
  const { search, store } = state
  const capabilities = search === house.search ? house.capabilities : house.claims(search)
  const made: House = { ...house, search, store, capabilities }
  houses.set(state, ofState.set(house, made))
  return made
}

/** `requests` are what the work is about: when they change definitions, this process knows them before it answers. */
export const withDefinitions = async <T>(
  house: House,
  ctx: Ctx,
  requests: readonly Request[],
  work: (house: House) => Promise<T>,
): Promise<T> => {
  const { posted } = house
  for (let attempt = 1; ; attempt++) {
    const known = posted.of(ctx.tenant)
    const state = known instanceof Promise ? await known : known
    try {
      const done = await work(guarded(houseOf(house, state), ctx))
      if (requests.some(changesDefinitions)) await learn(house, ctx)
      return done
    } catch (error) {
      if (!(error instanceof StaleDefinitions) || attempt === attempts) throw error
      await posted.refresh(ctx.tenant)
    }
  }
}

/** What was written is written: a failure to read it back must not say otherwise. */
const learn = async ({ posted }: House, ctx: Ctx): Promise<void> => {
  try {
    await posted.learn(ctx.tenant)
  } catch (error) {
    ctx.log.warn({ fault: faultOf(error) }, 'the definitions could not be read after a change')
  }
}
