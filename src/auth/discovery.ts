/** What an app is told beforehand: http://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html */
import type { Ctx } from '../access/ctx.ts'
import { assertionAlgorithms, authMethods } from './provider.ts'
import { launchScopes } from './scopes.ts'

/** The authorization server of a FHIR base: beside it, under `auth`. */
export const issuerOf = (base: string): string => `${base.replace(/\/fhir$/, '')}/auth`

const capabilities = [
  'launch-ehr',
  'launch-standalone',
  'authorize-post',
  'client-public',
  'client-confidential-symmetric',
  'client-confidential-asymmetric',
  'sso-openid-connect',
  'context-banner',
  'context-style',
  'context-ehr-patient',
  'context-ehr-encounter',
  'context-standalone-patient',
  'context-standalone-encounter',
  'permission-offline',
  'permission-online',
  'permission-patient',
  'permission-user',
  'permission-v1',
  'permission-v2',
]

/** `/.well-known/smart-configuration` */
export const smartConfiguration = ({ base }: Pick<Ctx, 'base'>): Readonly<Record<string, unknown>> => {
  const issuer = issuerOf(base)
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    registration_endpoint: `${issuer}/register`,
    introspection_endpoint: `${issuer}/introspect`,
    revocation_endpoint: `${issuer}/revoke`,
    userinfo_endpoint: `${issuer}/userinfo`,
    management_endpoint: `${issuer}/apps`,
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: authMethods,
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    scopes_supported: [
      ...launchScopes,
      ...['patient', 'user', 'system'].flatMap((level) => [`${level}/*.cruds`, `${level}/*.*`]),
    ],
    capabilities,
  }
}
