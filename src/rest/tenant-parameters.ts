/** Hospitals as Parameters (http://hl7.org/fhir/R4/parameters.html), and who may found, change and close them. */
import type { Ctx } from '../access/ctx.ts'
import { type Role, roles } from '../access/principal.ts'
import { forbidden, unprocessable, unsupported } from '../base/problem.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import { defaultTenant, type Tenant, type TenantSettings, type Tenants } from '../store/index.ts'
import type { ValidationMode } from '../validation/model.ts'
import type { House } from './house.ts'
import type { Input, InputShape, OperationCall } from './operation.ts'

/** What `$tenant-create` and `$tenant-change` take besides the name. */
export const tenantInput: Readonly<Record<string, InputShape>> = {
  display: { type: 'string' },
  host: { type: 'string', max: Number.POSITIVE_INFINITY },
  validation: { type: 'code' },
  staffLimit: {
    max: Number.POSITIVE_INFINITY,
    part: { role: { type: 'code', min: 1 }, limit: { type: 'unsignedInt', min: 1 } },
  },
}

/**
 * The tenants, for whoever may administer them: a super administrator of the default tenant by an application that may
 * do everything for the person, or the server itself. No clinical data come with it. Throws 403.
 */
export const administered = ({ tenants }: House, { tenant, who }: Ctx): Tenants => {
  if (!tenants) throw unsupported('This server is not set up to keep several hospitals apart.')
  const mayAll =
    who.scopes === 'all' ||
    who.scopes.some(
      ({ level, type, permissions }) => level !== 'patient' && type === '*' && permissions.includes('u'),
    )
  const isAdministrator = who.kind === 'internal' || who.roles.includes('super-administrator')
  if (tenant === defaultTenant && isAdministrator && mayAll) return tenants
  throw forbidden(
    'Hospitals are administered by super administrators at the default address, with the scope user/*.cruds.',
  )
}

const hostForm = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/** Names of hosts as they were given; undefined when none was. Throws 422. */
export const hostsIn = (call: OperationCall): readonly string[] | undefined => {
  const hosts = call.all<string>('host').map((host) => host.toLowerCase())
  for (const host of hosts)
    if (!hostForm.test(host))
      throw unprocessable(
        `"${host}" is not the name of a host; give it without protocol and port.`,
        'http.host',
      )
  return hosts.length === 0 ? undefined : hosts
}

const validationModes: readonly ValidationMode[] = ['strict', 'standard', 'off']

const partOf = (input: Input, name: string): unknown => input.part?.find((one) => one.name === name)?.value

const validationIn = (call: OperationCall): Pick<TenantSettings, 'validation'> => {
  const mode = call.one<ValidationMode>('validation')
  if (mode === undefined) return {}
  if (validationModes.includes(mode)) return { validation: mode }
  throw unprocessable(
    `"${mode}" is no way to validate; it is one of ${validationModes.join(', ')}.`,
    'http.validation',
  )
}

/** The settings with what was given; what was not mentioned stays. Throws 422. */
export const settingsWith = (settings: TenantSettings, call: OperationCall): TenantSettings => {
  const given = call.inputs.filter(({ name }) => name === 'staffLimit')
  const limits = given.map((input): [Role, number] => {
    const role = partOf(input, 'role') as Role
    if (!roles.includes(role))
      throw unprocessable(
        `"${role}" is not a role. The roles are ${roles.join(', ')}.`,
        'http.staffLimit.role',
      )
    return [role, Number(partOf(input, 'limit'))]
  })
  return {
    ...settings,
    ...validationIn(call),
    ...(limits.length === 0
      ? {}
      : { staffLimits: { ...settings.staffLimits, ...Object.fromEntries(limits) } }),
  }
}

/** One hospital as parts of a parameter. */
export const tenantParts = (tenant: Tenant): JsonObject[] => [
  { name: 'number', valueInteger: tenant.number },
  { name: 'name', valueString: tenant.name },
  { name: 'display', valueString: tenant.display },
  ...tenant.hosts.map((host) => ({ name: 'host', valueString: host })),
  { name: 'active', valueBoolean: tenant.active },
  { name: 'created', valueInstant: new Date(tenant.created).toISOString() },
  ...(tenant.settings.validation ? [{ name: 'validation', valueCode: tenant.settings.validation }] : []),
  ...Object.entries(tenant.settings.staffLimits ?? {}).map(([role, limit]) => ({
    name: 'staffLimit',
    part: [
      { name: 'role', valueCode: role },
      { name: 'limit', valueUnsignedInt: limit },
    ],
  })),
]
