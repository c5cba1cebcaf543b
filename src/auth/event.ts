/** What the authorization server tells for the record. */

/** Never with a token, a code or a secret. */
export type AuthEvent = {
  readonly kind:
    | 'agreed'
    | 'declined'
    | 'authorization-refused'
    | 'revoked'
    | 'registered'
    | 'registration-refused'
    | 'token-given'
    | 'token-refused'
    | 'token-revoked'
    | 'revocation-refused'
    | 'introspection-refused'
    | 'userinfo-refused'
  readonly tenant: number
  /** The person, if it is about one. */
  readonly account?: string
  /** Undefined when the one who asks did not even say who it is. */
  readonly client?: string | undefined
  /** Whose token or authorization it is, where that is not the client's who asks. */
  readonly owner?: string
  readonly scope?: string
  readonly patient?: string
  /** Why it was refused: a code of OAuth. */
  readonly error?: string
  /** Where it came from. */
  readonly address?: string | undefined
}

/** Resolves when it cannot be lost any more; rejects when it cannot be kept. */
export type Tell = (event: AuthEvent) => Promise<void>
