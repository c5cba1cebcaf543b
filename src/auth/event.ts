/** What the authorization server tells for the record. */

/** Never with a token, a code or a secret. */
export type AuthEvent = {
  readonly kind: 'agreed' | 'revoked' | 'registered' | 'token-given' | 'token-refused'
  readonly tenant: number
  /** The person, if it is about one. */
  readonly account?: string
  readonly client: string
  readonly scope?: string
  readonly patient?: string
  /** Why a token was refused: a code of OAuth. */
  readonly error?: string
}
