/** Whom an app can be about, found through the one door as the person who is signed in. */
import type { Bundle, Encounter, HumanName, Patient, RelatedPerson } from 'fhir/r4.js'
import type { Ctx } from './access/ctx.ts'
import type { Principal } from './access/principal.ts'
import type { Account } from './auth/accounts.ts'
import type { Choice, Choices } from './auth/consent/choices.ts'
import { Problem } from './base/problem.ts'
import type { Caller } from './http/context.ts'
import type { Request, Rest } from './rest/index.ts'

type CallerOf = (who: Principal, tenant: number) => Caller | Promise<Caller>

const most = '20'

/** A person who works with the pages of this server may do there what the roles allow. */
const principalOf = ({ id, display, roles, fhirUser }: Account): Principal => ({
  kind: 'person',
  id,
  display,
  roles,
  scopes: 'all',
  ...(fhirUser === undefined ? {} : { fhirUser }),
})

export const createChoices = (rest: Rest, callerOf: CallerOf): Choices => {
  /** Undefined for what is not there, or not for this person. */
  const perform = async <T>(ctx: Ctx, account: Account, request: Request): Promise<T | undefined> => {
    const { who, access } = await callerOf(principalOf(account), ctx.tenant)
    const { tenant, at, trace, signal, log, base } = ctx
    const reply = await rest
      .perform({ tenant, at, trace, signal, log, base, who, access }, request)
      .catch((error: unknown) => {
        if (error instanceof Problem && error.status < 500) return undefined
        throw error
      })
    return reply?.body === undefined ? undefined : (JSON.parse(reply.body.join('')) as T)
  }
  const search = async <T>(
    ctx: Ctx,
    account: Account,
    type: string,
    query: readonly (readonly [string, string])[],
  ) => {
    const pairs = [...query, ['_count', most]] as const
    const request: Request = { interaction: 'search-type', type, query: pairs }
    const bundle = await perform<Bundle>(ctx, account, request)
    return (bundle?.entry ?? [])
      .filter(({ search: how }) => how?.mode === 'match')
      .map(({ resource }) => resource as T)
  }
  const read = <T>(ctx: Ctx, account: Account, type: string, id: string): Promise<T | undefined> =>
    perform<T>(ctx, account, { interaction: 'read', type, id, query: [] })

  const patient = async (ctx: Ctx, account: Account, id: string): Promise<Choice | undefined> => {
    const found = await read<Patient>(ctx, account, 'Patient', id)
    return found && patientChoice(found)
  }
  /** The patients that an account is, or is related to. */
  const own = async (ctx: Ctx, account: Account): Promise<readonly string[]> => {
    const related = idsOf(account, 'RelatedPerson').map((id) =>
      read<RelatedPerson>(ctx, account, 'RelatedPerson', id),
    )
    const cared = (await Promise.all(related)).flatMap(
      (one) => one?.patient.reference?.split('Patient/')[1] ?? [],
    )
    return [...new Set([...idsOf(account, 'Patient'), ...cared])]
  }
  return {
    patient,
    patients: async (ctx, account, text) => {
      const ids = account.fhirUser?.startsWith('Practitioner') ? [] : await own(ctx, account)
      if (ids.length > 0) {
        const found = await Promise.all(ids.map((id) => patient(ctx, account, id)))
        return found.filter((one) => one !== undefined)
      }
      const found = await search<Patient>(ctx, account, 'Patient', queryOf(text.trim()))
      return found.map(patientChoice)
    },
    encounters: async (ctx, account, id) => {
      const query = [
        ['patient', `Patient/${id}`],
        ['_sort', '-date'],
      ] as const
      return (await search<Encounter>(ctx, account, 'Encounter', query)).map(encounterChoice)
    },
  }
}

const idsOf = ({ links }: Account, type: string): string[] =>
  links.filter((link) => link.startsWith(`${type}/`)).map((link) => link.slice(type.length + 1))

/** What was typed: a date of birth, a number, or a name. Commas and bars would be read as more than that. */
const queryOf = (text: string): readonly (readonly [string, string])[] => {
  const plain = text.replaceAll(/[\\,|$]/g, (mark) => `\\${mark}`)
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return [['birthdate', text]]
  if (/\d/.test(text)) return [['identifier', plain]]
  return [['name', plain]]
}

const nameText = (names: readonly HumanName[] | undefined): string => {
  const name = names?.find(({ use }) => use === 'official') ?? names?.[0]
  return name?.text ?? [...(name?.given ?? []), name?.family ?? ''].join(' ').trim()
}

const patientChoice = ({ id = '', name, birthDate }: Patient): Choice => {
  const label = [nameText(name) || id, birthDate].filter((part) => part !== undefined).join(', ')
  return { id, label }
}

const encounterChoice = ({ id = '', type, class: kind, period }: Encounter): Choice => {
  const what = type?.[0]?.text ?? type?.[0]?.coding?.[0]?.display ?? kind.display ?? kind.code ?? id
  return { id, label: [period?.start?.slice(0, 10), what].filter(Boolean).join(', ') }
}
